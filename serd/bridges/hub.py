"""The hub of the web bridge: its readers, a bounded queue each, and the last minutes for who comes late.

All of it belongs to the web server's loop; nothing here is safe to call from another thread.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from typing import Any

import serd
from serd.bridges.bridge import BEAT_S, Health
from serd.bridges.page_event import page_object
from serd.bridges.repeats import Repeats
from serd.events.reading import DeviceState, Reading, StatusEvent

HISTORY_S = 300.0
"""What a page that is opened can look back on."""

KEPT = 6000
"""Most messages of it, over all rooms: with more than five of them it is a shorter time."""

QUEUE = 1000
"""Messages that may wait for one reader, beyond those it began with; then it is too slow, and dropped."""

READERS = 32
"""Most readers at a time."""

ROOMS = 256
"""Most serds of one bridge; the events of others are not shown."""

RETRY_MS = 2000
"""How long a page waits before it connects again."""


@dataclass(frozen=True, slots=True)
class Message:
    """One server-sent event."""

    number: int
    at: float
    """`time.monotonic()` when it came here."""
    text: bytes


@dataclass(slots=True)
class _Room:
    heard: float
    """`time.monotonic()` of the last event."""
    state: DeviceState | None = None
    status: Message | None = None


class Reader:
    """One page that reads."""

    def __init__(self, backlog: list[bytes], abort: Callable[[], None]) -> None:
        """`abort` ends its connection at once, whatever is still to be sent."""
        self._queue = deque(backlog)
        self._most = len(backlog) + QUEUE
        self._changed = asyncio.Event()
        self._changed.set()
        self.abort = abort

    def put(self, text: bytes) -> bool:
        """Whether there was room for it."""
        if len(self._queue) >= self._most:
            return False
        self._queue.append(text)
        self._changed.set()
        return True

    async def texts(self) -> AsyncIterator[bytes]:
        """What there is to send, as it comes."""
        while True:
            await self._changed.wait()
            while self._queue:
                yield self._queue.popleft()
            self._changed.clear()


class Hub:
    """Numbers events, keeps the last minutes of them, and gives them to all readers."""

    def __init__(self, offers: dict[str, bool]) -> None:
        """`offers`: what a page may ask for, told to each reader."""
        self._offers = offers
        self._run = secrets.token_hex(4)
        self._number = 0
        self._history: deque[Message] = deque(maxlen=KEPT)
        self._rooms: dict[str, _Room] = {}
        self._readers: set[Reader] = set()
        self._repeats = Repeats()
        self._health, self._beat = Health(0, 0, 0, 0, 0, 0), float("-inf")
        self.dropped = 0
        """Readers that were too slow."""

    def publish(self, event: Reading) -> None:
        """Give an event to all readers; one whose queue is full is dropped."""
        now = time.monotonic()
        room = self._rooms.get(event.source)
        if self._repeats.holds(event) or (room is None and len(self._rooms) >= ROOMS):
            return
        room = self._rooms.setdefault(event.source, _Room(now))
        room.heard = now
        self._number += 1
        data = {"at": _wall_ms(), **page_object(event)}
        message = Message(self._number, now, _text(event.kind, data, f"{self._run}-{self._number}"))
        if isinstance(event, StatusEvent):
            room.status, room.state = message, event.state
        while self._history and self._history[0].at < now - HISTORY_S:
            self._history.popleft()
        self._history.append(message)
        self._send(message.text)

    def beat(self, health: Health) -> None:
        """Tell all readers how the bridge is: a connection on which nothing comes is known to be dead by it."""
        self._health, self._beat = health, time.monotonic()
        counts = {"readers": len(self._readers), "readers_dropped": self.dropped}
        self._send(_text("health", {"at": _wall_ms(), **asdict(health), **counts}))

    def join(self, last_id: str, abort: Callable[[], None]) -> Reader | None:
        """A new reader, who is first given what came after `last_id`; None where there are too many."""
        if len(self._readers) >= READERS:
            return None
        run, _, number = last_id.rpartition("-")
        since = int(number) if run == self._run and number.isdecimal() and len(number) < 20 else 0
        statuses = [room.status for room in self._rooms.values() if room.status is not None]
        oldest = self._history[0].number if self._history else self._number + 1
        kept = [*(status for status in statuses if status.number < oldest), *self._history]
        hello = {"run": self._run, "now": _wall_ms(), "history_s": HISTORY_S, "version": serd.__version__}
        first = b"retry: %d\n" % RETRY_MS + _text("hello", hello | self._offers)
        reader = Reader([first, *(message.text for message in kept if message.number > since)], abort)
        self._readers.add(reader)
        return reader

    def leave(self, reader: Reader) -> None:
        """It reads no more; harmless when it has left."""
        self._readers.discard(reader)

    def knows(self, source: str) -> bool:
        """Whether events of it have come."""
        return source in self._rooms

    @property
    def is_beating(self) -> bool:
        """Whether the bridge's own loop runs."""
        return time.monotonic() - self._beat < 3 * BEAT_S

    def report(self) -> dict[str, Any]:
        """How the bridge and its rooms are, without anything that was heard."""
        now = time.monotonic()
        rooms = {s: {"state": room.state, "age_s": round(now - room.heard, 1)} for s, room in self._rooms.items()}
        counts = {"readers": len(self._readers), "readers_dropped": self.dropped}
        return {"version": serd.__version__, **asdict(self._health), **counts, "rooms": rooms}

    def close(self) -> None:
        """End all connections; pages connect again by themselves."""
        for reader in self._readers:
            reader.abort()
        self._readers.clear()

    def _send(self, text: bytes) -> None:
        for reader in [reader for reader in self._readers if not reader.put(text)]:
            self.dropped += 1
            self._readers.discard(reader)
            reader.abort()


def _text(event: str, data: dict[str, Any], number: str = "") -> bytes:
    named = f"id: {number}\n" if number else ""
    return f"{named}event: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()


def _wall_ms() -> int:
    return round(time.time() * 1000)
