"""The subscriber: a running serd's events, each once, with what was lost on the way counted."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import time
from collections.abc import Collection, Sequence
from typing import Any

import zmq

from serd.errors import UsageError
from serd.events.connection import LOOK_S, Connection
from serd.events.curve import prove
from serd.events.endpoint import close_with, context_of, set_up
from serd.events.event import KINDS, MAJOR, NAME, Kind
from serd.events.iteration import Events
from serd.events.keys import Keyring, public_key
from serd.events.sequence import SequenceTracker
from serd.system import descriptors
from serd.system.paths import endpoint_at_home

log = logging.getLogger("serd")

TOPIC = re.compile(rb"serd\.v%d\.([a-z0-9_-]{1,64})\.([a-z]{1,32})\." % MAJOR)
"""Other major versions are not subscribed to, and ZeroMQ lets nothing else through."""

LARGEST = 1 << 20
"""Bytes of a message. An event has about 1000; who sends more than this is cut off."""

QUEUE = 1000
"""Messages kept for a reader that is busy; beyond it the publisher's queue fills, then events are lost."""

SKIPPED = 1000
"""Messages for nobody that are passed over, at most, once the time is up."""


class Subscription(Events):
    """An iterator over envelopes, as in `serd.events.event.schema`. To be used by one thread."""

    def __init__(
        self,
        endpoint: str,
        source: str | None,
        kinds: Sequence[Kind],
        timeout: float | None,
        *,
        server_key: str | None = None,
        keys: str | None = None,
        context: zmq.Context[Any] | None = None,
    ) -> None:
        """`context`: of an owner of many, who polls `socket` and calls `revive` every LOOK_S; else it has its own."""
        if source is not None and not NAME.fullmatch(source):
            raise UsageError(f"source {source!r}: no serd has such a name; give 1 to 64 of a-z 0-9 _ -")
        if not kinds or not set(kinds) <= set(KINDS):
            raise UsageError(f"kinds {', '.join(kinds)!r}: not kinds of events; give some of {', '.join(KINDS)}")
        if timeout is not None and not timeout >= 0:
            raise UsageError(f"timeout {timeout}: not a time; give seconds, or None to wait for ever")
        self._kinds = frozenset(kind.encode() for kind in kinds)
        self._timeout = timeout
        self._tracker = SequenceTracker()
        self._malformed = 0
        self.refused = False
        """Whether the publisher has turned us away, for want of a key that it allows."""
        self.heard = False
        """Whether an event of what was asked for has come."""
        endpoint = endpoint_at_home(endpoint)
        secure = None
        if server_key is not None:
            secure = public_key(server_key), Keyring.from_environment(os.environ, keys).pair("client")
        descriptors.require(descriptors.FEW)  # ZeroMQ would end the process
        shared = context_of(endpoint) or context
        used: zmq.Context[Any] = zmq.Context() if shared is None else shared
        self._own = used if shared is None else None
        self.endpoint = endpoint
        """As it was given, the home in the place of `~`."""
        self._connection: Connection | None = None
        self.socket: zmq.Socket[Any] = used.socket(zmq.SUB)
        """To be polled only; `receive` takes its messages."""
        close_with(self, self.socket, *((used,) if shared is None else ()))
        try:
            set_up(self.socket, (endpoint,), LARGEST)
            self.socket.set(zmq.RCVHWM, QUEUE)
            if secure is not None:
                prove(self.socket, *secure)
            # One subscription, the narrowest that covers all: the publisher counts subscribers by it.
            prefix = f"serd.v{MAJOR}." if source is None else f"serd.v{MAJOR}.{source}."
            if source is not None and len(self._kinds) == 1:
                prefix += f"{kinds[0]}."
            self.socket.set(zmq.SUBSCRIBE, prefix.encode())
            self._connection = Connection(self.socket, endpoint)
        except BaseException:
            self.close()
            raise

    @property
    def lost(self) -> int:
        """Events that were numbered but never came, by the holes in each topic's sequence."""
        return self._tracker.lost

    @property
    def malformed(self) -> int:
        """Messages that are no event of this version."""
        return self._malformed

    @property
    def repeats(self) -> int:
        """Events that came again, because another subscriber came late; they are not handed on."""
        return self._tracker.repeats

    @property
    def closed(self) -> bool:
        """Whether nothing can come any more: it was closed, or its publisher in this process was."""
        return bool(self.socket.closed)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        return (self,)

    @property
    def is_connected(self) -> bool:
        """Whether the publisher is there, as far as is known: while events come nobody looks."""
        return self._connection is not None and self._connection.is_up

    def receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The next event, or None if none came for `timeout` seconds (None: wait for ever) or it is closed."""
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        skipped = 0
        while not self.closed:
            try:
                event = self._take(self.socket.recv_multipart(zmq.DONTWAIT))
                if event is not None:
                    return event
                skipped += 1
                if skipped >= SKIPPED and time.monotonic() >= deadline:
                    return None
            except zmq.Again:
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                if not self.socket.poll(math.ceil(min(left, LOOK_S) * 1000)):
                    self.revive()
            except zmq.ContextTerminated:
                self.close()
        return None

    def close(self) -> None:
        """Unsubscribe; harmless when closed."""
        if self._connection is not None:
            self._connection.close()
        self.socket.close(0)
        if self._own is not None:
            self._own.term()

    def revive(self) -> None:
        """See how the connection is, and make it anew where ZeroMQ does not; for who polls `socket`, every LOOK_S."""
        if self._connection is None:
            return
        self._connection.look()
        if self._connection.refused and not self.refused:
            self.refused = True
            log.warning(
                "%s: turns us away; it wants keys: give its own with --server-key, and on its side let ours in"
                " (serd keys list; serd keys allow NAME KEY)",
                self.endpoint,
            )

    def descriptors(self) -> Collection[int]:
        return () if self.closed else (int(self.socket.get(zmq.FD)),)

    def _take(self, frames: list[bytes]) -> dict[str, Any] | None:
        """The event in a message, unless it is a repeat, of no interest, or none."""
        topic = TOPIC.fullmatch(frames[0]) if len(frames) == 2 else None
        if topic is None:
            self._malformed += 1
            return None
        if topic[2] not in self._kinds:
            return None
        try:
            event = parse(frames[1], topic[1].decode(), topic[2].decode())
        except (ValueError, RecursionError):
            self._malformed += 1
            return None
        if not self._tracker.new(frames[0], event):
            return None
        self.heard = True
        return event


def parse(text: bytes, source: str, kind: str) -> dict[str, Any]:
    """An envelope that has what identifies it. Raises ValueError, RecursionError."""
    event = json.loads(text.decode("utf-8"), parse_constant=_finite, parse_float=_finite)
    data = event.get("data") if isinstance(event, dict) else None
    if not isinstance(data, dict):
        raise ValueError("not an event")
    for name, value in (("id", event.get("id")), ("session", data.get("session"))):
        if not isinstance(value, str) or not 1 <= len(value) <= 128:
            raise ValueError(f"{name} is missing or wrong")
    if event.get("type") != f"serd.v{MAJOR}.{kind}" or event.get("source") != source:
        raise ValueError("its topic is another's")
    if type(data.get("sequence")) is not int or not 0 <= data["sequence"] < 1 << 63:
        raise ValueError("sequence is missing or wrong")
    found: dict[str, Any] = event
    return found


def _finite(text: str) -> float:
    """JSON has no NaN and no infinity, Python's reader does."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number")
    return number
