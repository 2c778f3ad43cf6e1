"""Repeats: segments from before a bridge came, which a publisher sends again to whoever subscribes late.

A bridge that sets something off by a segment must not do so for one that was over hours ago.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from serd.events.reading import Reading, SegmentEvent

TOLERANCE = timedelta(seconds=1)
"""By how much a clock may be set back without a segment being taken for a repeat."""

SOURCES = 1024
"""Serds that are remembered."""


class Repeats:
    """Knows old segments by their time: a publisher repeats its last status first, and the status is the newer one."""

    def __init__(self) -> None:
        self._newest: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    def holds(self, event: Reading) -> bool:
        """Whether it is a segment that was sent before what came before it. To be asked of every event."""
        key = (event.source, event.session)
        newest = self._newest.get(key)
        if isinstance(event, SegmentEvent) and newest is not None and event.sent < newest - TOLERANCE:
            return True
        self._newest[key] = event.sent
        self._newest.move_to_end(key)
        if len(self._newest) > SOURCES:
            self._newest.popitem(last=False)
        return False
