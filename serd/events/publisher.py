"""The publisher: numbers events, sends them to whoever has subscribed, and never waits for anyone."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import zmq

from serd.defaults import ENDPOINT
from serd.errors import UsageError
from serd.events.curve import Authenticator
from serd.events.endpoint import Bound, bind, is_local, set_up, unbind
from serd.events.event import KINDS, SESSION, Event, Kind, encode, envelope, topic
from serd.events.keys import Keyring

log = logging.getLogger("serd")

LINGER_S = 0.2
"""How long a live publisher's last events may take to leave."""

DRAIN_S = 10.0
"""How long a lossless publisher waits for a slow subscriber to read all of it."""

LARGEST = 4096
"""Bytes of a message from a subscriber. A subscription is far smaller; who sends more is cut off."""

AT_ONCE = 10_000
"""Subscription messages looked at in one go, so that a flood of them cannot hold the caller."""

REMEMBERED: tuple[Kind, ...] = ("status", "segment")
"""Kinds whose last event a late subscriber is given."""


class Publisher:
    """One XPUB socket, bound to all endpoints. To be used by one thread."""

    def __init__(
        self,
        endpoints: Sequence[str],
        source: str,
        session: str,
        *,
        lossless: bool = False,
        high_water_mark: int = 1000,
        keyring: Keyring | None = None,
    ) -> None:
        """Bind, or raise UsageError, ConfigError. A live publisher keeps `high_water_mark` events for each subscriber.

        With a `keyring` every subscriber but one in this process must prove a key that is allowed there; without
        one, only endpoints that no other machine can reach are taken.

        A `lossless` one (a recording replayed as fast as it goes) keeps all that a subscriber has not read
        yet: its queue is bounded by the recording's length, about 20 MB an hour, and never by a wait, so
        that a subscriber that has stopped reading does not stop the replay.
        """
        self._topics = {kind: topic(source, kind).encode() for kind in KINDS}
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
        self._source, self._session, self._lossless = source, session, lossless
        self._next = dict.fromkeys(KINDS, 0)
        self._last: dict[Kind, bytes] = {}
        self._state = ""
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
        """The device's state in the last status that was published; may be read from any thread."""
        return self._state

    @property
    def subscribers(self) -> int:
        """Subscriptions to any of this source's events, as of the last `poll`; `serd.subscribe` makes one each."""
        return self._subscriptions.total()

    def publish(self, event: Event) -> dict[str, Any]:
        """Number and send an event; its envelope. Does not wait. Raises ValueError if it holds NaN or infinity."""
        self.poll()
        sequence = self._next[event.kind]
        body = envelope(
            event,
            source=self._source,
            session=self._session,
            sequence=sequence,
            id=str(uuid.uuid4()),
            time=datetime.now(UTC),
            now=time.monotonic(),
        )
        payload = encode(body)
        # Numbered from here on, whatever becomes of it; what cannot be encoded leaves no hole.
        self._next[event.kind] = sequence + 1
        if not self._send(event.kind, payload):
            self.dropped += 1
        if event.kind in REMEMBERED:
            self._last[event.kind] = payload
        if event.kind == "status":
            self._state = str(event.data["state"])
        return body

    def poll(self) -> None:
        """See who has come and gone. Late subscribers get the last events; those who had them, get them again.

        ZeroMQ cannot send to one subscriber alone, so a repeat keeps its id and sequence for readers to drop.
        """
        wanted: set[Kind] = set()
        for _ in range(AT_ONCE):
            try:
                message = self._socket.recv(zmq.DONTWAIT)
            except zmq.Again:
                break
            action, prefix = message[:1], message[1:]
            kinds = [kind for kind, name in self._topics.items() if name.startswith(prefix)]
            if not kinds or action not in (b"\x00", b"\x01"):
                continue
            if action == b"\x01":
                self._subscriptions[prefix] += 1
                wanted.update(kinds)
            else:
                self._subscriptions[prefix] -= 1
        for kind in REMEMBERED:
            if kind in wanted and kind in self._last:
                self._send(kind, self._last[kind])

    def wait_subscribers(self, n: int, timeout: float | None = None, *, stop: threading.Event | None = None) -> bool:
        """Wait until there are `n` subscribers; False once `timeout` seconds are over or `stop` is set.

        It counts subscriptions, for ZeroMQ does not say whose they are: a foreign subscriber with two
        topics of this source on one socket counts twice. A connection alone does not count.
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

    def _send(self, kind: Kind, payload: bytes) -> bool:
        """Send to all whose queue has room; False if one had none.

        With XPUB_NODROP ZeroMQ refuses when any queue is full, which is the only sign of it that there is;
        without it, those with room are served.
        """
        frames = (self._topics[kind], payload)
        try:
            self._socket.send_multipart(frames, zmq.DONTWAIT)
        except zmq.Again:
            self._socket.set(zmq.XPUB_NODROP, 0)
            self._socket.send_multipart(frames, zmq.DONTWAIT)
            self._socket.set(zmq.XPUB_NODROP, 1)
            return False
        return True
