"""The spool: events in memory that a server has not confirmed yet, bounded in bytes; what has no room is counted."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

OVERHEAD = 300
"""Bytes that an entry takes in memory besides its body, about."""

WINDOW = 500
"""Entries that may be unconfirmed at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One message to be published."""

    id: str
    subject: str
    body: bytes
    size: int = field(init=False)
    """Bytes in memory."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", len(self.body) + OVERHEAD)


class Spool:
    """First in, first out, in three parts: waiting, sent, and sent once over a connection that broke.

    Where there is no room the oldest entry that was never sent is lost. One that was sent never is: the server may
    have it, and the count of the lost would be wrong. Always: put = settled + lost + what is in here. Thread-safe.
    """

    def __init__(self, most: int) -> None:
        """`most`: bytes. A fourth of them may be unconfirmed."""
        self._most = most
        self._lock = threading.Lock()
        self._waiting: deque[Entry] = deque()
        self._again: deque[Entry] = deque()
        self._sent: dict[Entry, None] = {}
        self._sent_size = 0
        self.size = 0
        """Bytes of all that is in here."""
        self.lost = 0
        """Entries for which there was no room."""
        self.settled = 0
        """Entries that were confirmed."""

    def __len__(self) -> int:
        return len(self._waiting) + len(self._again) + len(self._sent)

    @property
    def unconfirmed(self) -> int:
        """Entries that were sent over this connection and await their confirmation."""
        return len(self._sent)

    def put(self, entry: Entry) -> None:
        """Add the newest."""
        with self._lock:
            self._waiting.append(entry)
            self.size += entry.size
            while self.size > self._most and self._waiting:
                self.size -= self._waiting.popleft().size
                self.lost += 1

    def next(self) -> Entry | None:
        """The oldest entry that is to be sent, which counts as sent; None if there is none, or too many are."""
        with self._lock:
            queue = self._again or self._waiting
            if not queue or len(self._sent) >= WINDOW:
                return None
            if self._sent and 4 * (self._sent_size + queue[0].size) > self._most:
                return None
            entry = queue.popleft()
            self._sent[entry] = None
            self._sent_size += entry.size
            return entry

    def settle(self, entry: Entry) -> None:
        """The server has it. One that is not out, for a confirmation of old, is left alone."""
        with self._lock:
            if entry in self._sent:
                self._leave(entry)
                self.settled += 1

    def refuse(self, entry: Entry) -> None:
        """The server will never take it: it is lost."""
        with self._lock:
            if entry in self._sent:
                self._leave(entry)
                self.lost += 1

    def recall(self) -> None:
        """The connection broke: what is unconfirmed is to be sent again, before all else and in its order."""
        with self._lock:
            self._again.extendleft(reversed(self._sent))
            self._sent.clear()
            self._sent_size = 0

    def _leave(self, entry: Entry) -> None:
        del self._sent[entry]
        self._sent_size -= entry.size
        self.size -= entry.size
