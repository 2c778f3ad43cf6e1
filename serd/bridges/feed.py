"""The feed of a bridge: the events of one or many serds, read by one thread into one bounded queue."""

from __future__ import annotations

import resource
import threading
import time
from collections import deque
from typing import Any

import zmq

from serd.bridges.options import Settings
from serd.errors import UsageError
from serd.events.connection import LOOK_S
from serd.events.event import KINDS
from serd.events.reading import Reading, read
from serd.events.subscriber import Subscription
from serd.system.threads import ThreadWatch

TURN_S = 0.2
"""Longest wait for a message: how late the end may be seen."""

AT_ONCE = 100
"""Events taken from one serd before the next one's turn."""

SOCKETS, DESCRIPTORS = 4, 8
"""Sockets and descriptors of one subscription, at most."""


class Feed:
    """Reads on while its reader waits. When the queue is full the oldest event makes room, and is counted."""

    def __init__(self, settings: Settings) -> None:
        """Subscribe. Raises UsageError, ConfigError."""
        many = len(settings.endpoints)
        server_keys = key_for_each(settings.server_keys, many, "--server-key", "--endpoint")
        _allow_descriptors(many * DESCRIPTORS)
        self._events: deque[Reading] = deque()
        self._most = settings.queue
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._unreadable = 0
        self.dropped = 0
        """Events for which there was no room."""
        self._context: zmq.Context[Any] = zmq.Context()
        self._context.set(zmq.MAX_SOCKETS, max(1023, many * SOCKETS))
        self._subscriptions: list[Subscription] = []
        try:
            for endpoint, key in zip(settings.endpoints, server_keys, strict=True):
                one = Subscription(
                    endpoint, settings.source, KINDS, None, server_key=key, keys=settings.keys, context=self._context
                )
                self._subscriptions.append(one)
        except BaseException:
            self.close()
            raise

    @property
    def lost(self) -> int:
        """Events that were numbered but never came."""
        return sum(one.lost for one in self._subscriptions)

    @property
    def malformed(self) -> int:
        """Messages that are no events of this version."""
        return self._unreadable + sum(one.malformed for one in self._subscriptions)

    @property
    def queued(self) -> int:
        """Events that wait to be taken."""
        return len(self._events)

    def start(self, watch: ThreadWatch) -> None:
        """Begin to read."""
        self._thread = watch.start("feed", self._run)

    def next(self, timeout: float) -> Reading | None:
        """The oldest event, or None if none has come for `timeout` seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._events, timeout):
                return None
            return self._events.popleft()

    def stop(self) -> None:
        """Read no more; what has come may still be taken."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(10 * TURN_S)

    def close(self) -> None:
        """Stop and unsubscribe; harmless when closed."""
        self.stop()
        for one in self._subscriptions:
            one.close()
        self._context.term()

    def _run(self) -> None:
        poller = zmq.Poller()
        for one in self._subscriptions:
            poller.register(one.socket, zmq.POLLIN)
        looked = time.monotonic()
        while not self._over.is_set():
            ready = dict(poller.poll(int(TURN_S * 1000)))
            for one in self._subscriptions:
                if one.socket in ready:
                    self._read(one)
            if time.monotonic() - looked >= LOOK_S:
                looked = time.monotonic()
                for one in self._subscriptions:
                    one.revive()

    def _read(self, one: Subscription) -> None:
        for _ in range(AT_ONCE):
            envelope = one.receive(0)
            if envelope is None:
                return
            try:
                event = read(envelope)
            except ValueError:
                self._unreadable += 1
                continue
            with self._changed:
                if len(self._events) >= self._most:
                    self._events.popleft()
                    self.dropped += 1
                self._events.append(event)
                self._changed.notify()


def key_for_each(keys: tuple[str, ...], many: int, key: str, whose: str) -> tuple[str | None, ...]:
    """A key for each of `many` endpoints, from none, one for all, or one for each. Raises UsageError."""
    if len(keys) not in (0, 1, many):
        raise UsageError(f"{key}: given {len(keys)} times for {many} of {whose}; give it once, or once for each")
    return keys * many if len(keys) == 1 else keys or (None,) * many


def _allow_descriptors(wanted: int) -> None:
    """Many rooms take many sockets; what a process may have without asking is 1024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < wanted + 256:
        most = wanted + 256 if hard < 0 else min(wanted + 256, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
