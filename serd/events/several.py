"""A subscription to several serds: the events of all, in the order in which they come."""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Sequence
from typing import Any

import zmq

from serd.errors import UsageError
from serd.events.connection import LOOK_S
from serd.events.endpoint import close_with
from serd.events.event import Kind
from serd.events.iteration import Events
from serd.events.subscriber import Subscription


class Several(Events):
    """One subscription an endpoint, read in turn, so that none is heard at the cost of another."""

    def __init__(
        self,
        endpoints: Sequence[str],
        source: str | None,
        kinds: Sequence[Kind],
        timeout: float | None,
        *,
        server_key: str | None = None,
        keys: str | None = None,
    ) -> None:
        """Raises UsageError, ConfigError."""
        if not endpoints:
            raise UsageError("endpoints: none is given; give one or several")
        self._timeout = timeout
        self._next = 0
        self._looked = time.monotonic()
        self._context: zmq.Context[Any] = zmq.Context()
        close_with(self, self._context)
        self._subscriptions: list[Subscription] = []
        try:
            for endpoint in dict.fromkeys(endpoints):
                one = Subscription(
                    endpoint, source, kinds, timeout, server_key=server_key, keys=keys, context=self._context
                )
                self._subscriptions.append(one)
        except BaseException:
            self.close()
            raise

    @property
    def subscriptions(self) -> Sequence[Subscription]:
        return self._subscriptions

    @property
    def closed(self) -> bool:
        """Whether nothing can come any more, from any."""
        return all(one.closed for one in self.subscriptions)

    @property
    def lost(self) -> int:
        """Events that were numbered but never came, of all."""
        return sum(one.lost for one in self.subscriptions)

    @property
    def malformed(self) -> int:
        return sum(one.malformed for one in self.subscriptions)

    def receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The next event of any, or None if none came for `timeout` seconds (None: wait for ever) or all are closed."""
        taken = self.take(timeout)
        return None if taken is None else taken[1]

    def take(self, timeout: float | None = None) -> tuple[int, dict[str, Any]] | None:
        """As `receive`, with the number of the subscription that brought the event."""
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        while not self.closed:
            if time.monotonic() - self._looked >= LOOK_S:  # however much the others send
                self.revive()
            for _ in self.subscriptions:
                number = self._next
                one = self.subscriptions[number]
                self._next = (number + 1) % len(self.subscriptions)
                event = None if one.closed else one.receive(0)
                if event is not None:
                    return number, event
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            poller = zmq.Poller()
            for one in self.subscriptions:
                if not one.closed:
                    poller.register(one.socket, zmq.POLLIN)
            poller.poll(math.ceil(min(left, LOOK_S) * 1000))
        return None

    def revive(self) -> None:
        """See how each connection is."""
        self._looked = time.monotonic()
        for one in self.subscriptions:
            one.revive()

    def close(self) -> None:
        """Unsubscribe from all; harmless when closed."""
        for one in self.subscriptions:
            one.close()
        self._context.term()

    def descriptors(self) -> Collection[int]:
        return [number for one in self.subscriptions for number in one.descriptors()]
