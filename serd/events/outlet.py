"""The outlet of one source: its topics, how its events are numbered, and the last of them."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from serd.events.event import KINDS, Event, Kind, encode, envelope, topic

REMEMBERED: tuple[Kind, ...] = ("status", "segment")
"""Kinds whose last event a late subscriber is given."""


class Outlet:
    """What a publisher knows of one source that it sends for. Each kind of a source's events is numbered by itself."""

    def __init__(self, source: str, session: str) -> None:
        """Raises UsageError if the source cannot be part of a topic."""
        self.topics = {kind: topic(source, kind).encode() for kind in KINDS}
        self.state = ""
        """The device's state in the last status; may be read from any thread."""
        self._source, self._session = source, session
        self._next = dict.fromkeys(KINDS, 0)
        self._last: dict[Kind, bytes] = {}

    def number(self, event: Event) -> tuple[dict[str, Any], bytes]:
        """The event's envelope and its bytes. Raises ValueError if it holds NaN or infinity."""
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
        if event.kind in REMEMBERED:
            self._last[event.kind] = payload
        if event.kind == "status":
            self.state = str(event.data["state"])
        return body, payload

    def heard_by(self, prefix: bytes) -> list[Kind]:
        """Kinds that a subscription to this prefix is about."""
        return [kind for kind, name in self.topics.items() if name.startswith(prefix)]

    def last(self, kind: Kind) -> bytes | None:
        """The last event of a kind that is remembered."""
        return self._last.get(kind)
