"""The publisher: numbers events, sends them to whoever has subscribed, and never waits for anyone."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import zmq

from serd.defaults import ENDPOINT
from serd.errors import UsageError
from serd.events.curve import Authenticator
from serd.events.endpoint import Bound, bind, is_local, set_up, unbind
from serd.events.event import SESSION, Event, Kind
from serd.events.keys import Keyring
from serd.events.outlet import REMEMBERED, Outlet

log = logging.getLogger("serd")

LINGER_S = 0.2
"""How long a live publisher's last events may take to leave."""

DRAIN_S = 10.0
"""How long a lossless publisher waits for a slow subscriber to read all of it."""

LARGEST = 4096
"""Bytes of a message from a subscriber. A subscription is far smaller; who sends more is cut off."""

AT_ONCE = 10_000
"""Subscription messages looked at in one go, so that a flood of them cannot hold the caller."""


class Publisher:
    """One XPUB socket, bound to all endpoints. To be used by one thread."""

    def __init__(
        self,
        endpoints: Sequence[str],
        sources: str | Sequence[str],
        session: str,
        *,
        lossless: bool = False,
        high_water_mark: int = 1000,
        keyring: Keyring | None = None,
    ) -> None:
        """Bind, or raise UsageError, ConfigError. A live publisher keeps `high_water_mark` events for each subscriber.

        `sources`: the one that it sends for, or several.

        With a `keyring` every subscriber but one in this process must prove a key that is allowed there; without
        one, only endpoints that no other machine can reach are taken.

        A `lossless` one (a recording replayed as fast as it goes) keeps all that a subscriber has not read
        yet: its queue is bounded by the recording's length, about 20 MB an hour, and never by a wait, so
        that a subscriber that has stopped reading does not stop the replay.
        """
        names = (sources,) if isinstance(sources, str) else tuple(sources)
        self._outlets = {name: Outlet(name, session) for name in names}
        self._first = names[0]
        if not SESSION.fullmatch(session):
            raise UsageError(f"session {session!r}: cannot be used; give 1 to 64 of A-Z a-z 0-9 . _ -")
        if not endpoints:
            raise UsageError(f"no endpoint to publish on; give at least one, such as {ENDPOINT}")
        for endpoint in endpoints:
            if keyring is None and not is_local(endpoint):
                raise UsageError(
                    f"{endpoint}: other machines can reach it, and there are no keys; make them with `serd keys new`,"
                    f" let readers in with `serd keys allow NAME KEY`, or publish on {ENDPOINT}"
                )
        self._lossless = lossless
        self._subscriptions: Counter[bytes] = Counter()
        self.dropped = 0
        """Events that found a subscriber's queue full: a lower bound.

        ZeroMQ tells of the event at which a queue turns out to be full; until that subscriber has read half
        of it, further events pass it by untold. Nor is it known what a broken connection swallowed. The
        subscriber knows exactly, by the sequence.
        """
        self._context: zmq.Context[Any] = zmq.Context()
        self._socket = self._context.socket(zmq.XPUB)
        set_up(self._socket, tuple(endpoints), LARGEST)
        self._socket.set(zmq.SNDHWM, 0 if lossless else high_water_mark)
        self._socket.set(zmq.XPUB_VERBOSER, 1)  # each subscription and its end are told, not each topic's first
        self._socket.set(zmq.XPUB_NODROP, 1)  # see _send
        self._bound: list[Bound] = []
        self._authenticator: Authenticator | None = None
        try:
            if keyring is not None:
                self._authenticator = Authenticator(self._context, keyring)
                self._authenticator.protect(self._socket)
            for endpoint in dict.fromkeys(endpoints):
                self._bound.append(bind(self._socket, endpoint))
        except BaseException:
            self.close(0)
            raise

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The bound endpoints; a port given as `*` is the one that was drawn."""
        return tuple(bound.endpoint for bound in self._bound)

    @property
    def state(self) -> str:
        """The device's state in the last status of the (first) source; may be read from any thread."""
        return self.state_of(self._first)

    def state_of(self, source: str) -> str:
        """The state in a source's last status; may be read from any thread."""
        return self._outlets[source].state

    @property
    def subscribers(self) -> int:
        """Subscriptions to any of its sources' events, as of the last `poll`; `serd.subscribe` makes one each."""
        return self._subscriptions.total()

    def publish(self, event: Event, source: str | None = None) -> dict[str, Any]:
        """Number and send an event of a source, by default the first; its envelope. Does not wait.

        Raises ValueError if it holds NaN or infinity.
        """
        self.poll()
        outlet = self._outlets[self._first if source is None else source]
        body, payload = outlet.number(event)
        if not self._send(outlet.topics[event.kind], payload):
            self.dropped += 1
        return body

    def poll(self) -> None:
        """See who has come and gone. Late subscribers get the last events; those who had them, get them again.

        ZeroMQ cannot send to one subscriber alone, so a repeat keeps its id and sequence for readers to drop.
        """
        wanted: set[tuple[str, Kind]] = set()
        for _ in range(AT_ONCE):
            try:
                message = self._socket.recv(zmq.DONTWAIT)
            except zmq.Again:
                break
            action, prefix = message[:1], message[1:]
            meant = {(name, kind) for name, outlet in self._outlets.items() for kind in outlet.heard_by(prefix)}
            if not meant or action not in (b"\x00", b"\x01"):
                continue
            if action == b"\x01":
                self._subscriptions[prefix] += 1
                wanted |= meant
            else:
                self._subscriptions[prefix] -= 1
        for kind, (name, outlet) in itertools.product(REMEMBERED, self._outlets.items() if wanted else ()):
            last = outlet.last(kind)
            if last is not None and (name, kind) in wanted:
                self._send(outlet.topics[kind], last)

    def wait_subscribers(self, n: int, timeout: float | None = None, *, stop: threading.Event | None = None) -> bool:
        """Wait until there are `n` subscribers; False once `timeout` seconds are over or `stop` is set.

        It counts subscriptions, for ZeroMQ does not say whose they are: a foreign subscriber with two
        topics of its sources on one socket counts twice. A connection alone does not count.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            self.poll()
            if self.subscribers >= n:
                return True
            left = 0.1 if deadline is None else min(0.1, deadline - time.monotonic())
            if left <= 0 or (stop is not None and stop.is_set()):
                return False
            self._socket.poll(int(left * 1000) + 1)

    def close(self, linger: float | None = None) -> None:
        """Let what was sent leave, for at most `linger` seconds (by default 0.2 live, 10 lossless), and unbind."""
        if self._socket.closed:
            return
        limit = linger if linger is not None else DRAIN_S if self._lossless else LINGER_S
        unbind(self._bound)
        began = time.monotonic()
        self._socket.close(int(limit * 1000))
        if self._authenticator is not None:
            self._authenticator.close()
        # term() waits for the linger, and for subscribers in this process, which may hang: so in a thread.
        term = threading.Thread(target=self._context.term, name="drain", daemon=True)
        term.start()
        term.join(limit + 0.3)
        if self._lossless and limit and time.monotonic() - began >= limit - 0.01:
            log.warning("not all events were read within %g s; a subscriber is slow or has stopped reading", limit)

    def _send(self, topic: bytes, payload: bytes) -> bool:
        """Send to all whose queue has room; False if one had none.

        With XPUB_NODROP ZeroMQ refuses when any queue is full, which is the only sign of it that there is;
        without it, those with room are served.
        """
        frames = (topic, payload)
        try:
            self._socket.send_multipart(frames, zmq.DONTWAIT)
        except zmq.Again:
            self._socket.set(zmq.XPUB_NODROP, 0)
            self._socket.send_multipart(frames, zmq.DONTWAIT)
            self._socket.set(zmq.XPUB_NODROP, 1)
            return False
        return True
