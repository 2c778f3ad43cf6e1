"""The reader of a JetStream stream: many serds' events, as a subscription's are, from where a bridge put them."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from nats.aio.msg import Msg
from nats.errors import NotJSMessageError

from serd.errors import UsageError
from serd.events.consumer import Consumer
from serd.events.event import KINDS, MAJOR, NAME, Kind
from serd.events.natsclient import STREAM, AwayError, Server
from serd.events.sequence import SequenceTracker
from serd.events.subscriber import parse

log = logging.getLogger("serd")

LOOK_S = 1.0
"""Longest wait for a message, after which the connection is looked after; also the pause between attempts."""

STREAMS = 4096
"""Sessions times kinds whose numbers are followed: a fleet's."""


class JetStreamReader(Iterator[dict[str, Any]]):
    """An iterator over envelopes, as `serd.events.subscriber.Subscription` is. For one thread.

    Without `durable` it begins with what comes now. With it the server remembers under that name what was read: the
    first time it begins with the oldest event that is kept, then it goes on where it ended, at least once each.
    """

    def __init__(
        self,
        server: Server,
        *,
        stream: str = STREAM,
        source: str | None = None,
        kinds: Sequence[Kind] = KINDS,
        timeout: float | None = None,
        durable: str | None = None,
    ) -> None:
        """Connect. Raises UsageError, ConfigError."""
        if source is not None and not NAME.fullmatch(source):
            raise UsageError(f"source {source!r}: no serd has such a name; give 1 to 64 of a-z 0-9 _ -")
        if durable is not None and not NAME.fullmatch(durable.lower()):
            raise UsageError(f"durable {durable!r}: no name; give 1 to 64 of A-Z a-z 0-9 _ -")
        self._server, self._timeout = server, timeout
        self._kinds = frozenset(kinds)
        kind = kinds[0] if len(self._kinds) == 1 else ">"
        self._consumer = Consumer(server, stream, f"serd.v{MAJOR}.{source or '*'}.{kind}", durable)
        self._tracker = SequenceTracker(STREAMS)
        self.malformed = 0
        """Messages that are no event of this version."""
        self.closed = False
        self._held: Msg | None = None
        """Handed over, and acknowledged when the next is asked for: its taker may not live to use it."""
        self._first = self._last = 0
        """Numbers, in the stream, of the first and the last message that were handed over here."""
        self._away = False
        self._loop = asyncio.new_event_loop()
        try:
            self._loop.run_until_complete(self._open())
        except AwayError as error:
            self.close()
            raise UsageError(f"{error}; start it, or give another") from None
        except BaseException:
            self.close()
            raise

    @property
    def lost(self) -> int:
        """Events that were numbered but never came into the stream."""
        return self._tracker.lost

    def receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The next event, or None if none came for `timeout` seconds (None: wait for ever) or it is closed."""
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        if self._held is not None:
            self._loop.run_until_complete(self._acknowledge())
        while not self.closed:
            if not self._consumer.came:
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._loop.run_until_complete(self._wait(min(left, LOOK_S)))
                continue
            event = self._take(self._consumer.came.popleft())
            if event is not None:
                return event
            self._loop.run_until_complete(self._acknowledge())
        return None

    def __next__(self) -> dict[str, Any]:
        event = self.receive(self._timeout)
        if event is None:
            raise StopIteration
        return event

    def close(self) -> None:
        """Give back what was not handed over, and disconnect; harmless when closed."""
        if self.closed:
            return
        self.closed = True
        self._loop.run_until_complete(self._consumer.close(self._held))
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._held = None  # whoever had it did not end well: it comes again
        self.close()

    async def _open(self) -> None:
        """Connect and subscribe. Raises AwayError, UsageError, ConfigError."""
        self._last = await self._consumer.open(self._last)

    async def _wait(self, timeout: float) -> None:
        """Wait for a message; connect anew where the connection, or our place in the stream, is gone."""
        try:
            await self._consumer.wait(timeout)
        except AwayError as error:
            await self._reopen(error, timeout)

    async def _reopen(self, why: Exception, timeout: float) -> None:
        if not self._away:
            log.warning("%s; waiting for it", why)
        self._away = True
        self._held = None
        await self._consumer.disconnect()
        try:
            await self._open()
        except (AwayError, UsageError):  # a stream that is being restored is not there at first
            await asyncio.sleep(min(timeout, LOOK_S))
        else:
            self._away = False
            log.warning("server %s: is there again", self._server.url)

    async def _acknowledge(self) -> None:
        held, self._held = self._held, None
        await self._consumer.acknowledge(held)

    def _take(self, message: Msg) -> dict[str, Any] | None:
        """The event in a message, unless it came before, is of no interest, or none."""
        self._held = message
        try:
            number, again = message.metadata.sequence.stream, (message.metadata.num_delivered or 1) > 1
            _, _, source, kind = message.subject.split(".")
            if again and self._first <= number <= self._last:
                return None
            event = parse(message.data, source, kind)
        except (NotJSMessageError, ValueError, RecursionError):
            self.malformed += 1
            return None
        if not again:
            self._first, self._last = self._first or number, number
        if kind not in self._kinds:
            return None
        # What is delivered again is out of its order, and would count as a gap.
        fresh = again or self._tracker.new(message.subject.encode(), event)
        return event if fresh else None
