"""Iteration over events, with `for` and with `async for`: what a subscription to one serd and to several share."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, cast

from serd.events.connection import LOOK_S

if TYPE_CHECKING:
    from serd.events.subscriber import Subscription
    from serd.events.types import Event


class Events(Iterator["Event"], AsyncIterator["Event"]):
    """An iterator over envelopes that can be closed; for one thread, or one task of asyncio, at a time."""

    _timeout: float | None
    """Iteration ends when nothing came for so many seconds; None: never."""

    @property
    @abstractmethod
    def closed(self) -> bool:
        """Whether nothing can come any more: it was closed, or its publisher in this process was."""

    @property
    @abstractmethod
    def lost(self) -> int:
        """Events that were numbered but never came, by the holes in each topic's sequence."""

    @property
    @abstractmethod
    def malformed(self) -> int:
        """Messages that are no event of this version."""

    @property
    @abstractmethod
    def subscriptions(self) -> Sequence[Subscription]:
        """One an endpoint, in their order."""

    @abstractmethod
    def receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The next event, or None if none came for `timeout` seconds (None: wait for ever) or it is closed."""

    @abstractmethod
    def revive(self) -> None:
        """See how the connection is, and make it anew where ZeroMQ does not."""

    @abstractmethod
    def close(self) -> None:
        """Unsubscribe; harmless when closed."""

    @abstractmethod
    def descriptors(self) -> Collection[int]:
        """What becomes readable when something may have come (ZMQ_FD)."""

    def __next__(self) -> Event:
        event = self.receive(self._timeout)
        if event is None:
            raise StopIteration
        return cast("Event", event)

    def __iter__(self) -> Self:
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        import asyncio  # 4 MB, which who reads without it does not pay

        deadline = math.inf if self._timeout is None else time.monotonic() + self._timeout
        await asyncio.sleep(0)  # however fast events come, other tasks have their turn
        while not self.closed:
            event = self.receive(0)
            if event is not None:
                return cast("Event", event)
            left = deadline - time.monotonic()
            if left <= 0:
                break
            if not await _readable(self.descriptors(), min(left, LOOK_S)):
                self.revive()
        raise StopAsyncIteration

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


async def _readable(descriptors: Collection[int], timeout: float) -> bool:
    """Whether one of them became readable within the time."""
    import asyncio

    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    for descriptor in descriptors:
        loop.add_reader(descriptor, ready.set)
    try:
        async with asyncio.timeout(timeout):
            await ready.wait()
        return True
    except TimeoutError:
        return False
    finally:
        for descriptor in descriptors:
            loop.remove_reader(descriptor)
