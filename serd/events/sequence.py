"""The sequence numbers of each stream: what a subscriber remembers to know events that come again or never come.

A publisher repeats its last events for whoever subscribes late, and everybody else gets them again.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

STREAMS, IDS = 256, 256
"""Sessions times topics, unless told otherwise, and ids in each, that are remembered."""


class SequenceTracker:
    """Events are booked in the order in which they come; each topic of each session is numbered by itself."""

    def __init__(self, streams: int = STREAMS) -> None:
        """`streams`: sessions times topics that are remembered."""
        self._most = streams
        self._streams: OrderedDict[tuple[bytes, str], _Stream] = OrderedDict()
        """The one that was heard the longest ago comes first."""
        self.lost = 0
        """Numbers that were passed over."""
        self.repeats = 0
        """Events that had come before."""

    def new(self, topic: bytes, event: dict[str, Any]) -> bool:
        """Book an event; whether it has not come before."""
        sequence: int = event["data"]["sequence"]
        key = (topic, event["data"]["session"])
        stream = self._streams.get(key)
        if stream is None:
            stream = self._streams[key] = _Stream(sequence)
            if len(self._streams) > self._most:
                self._streams.popitem(last=False)
        self._streams.move_to_end(key)
        if event["id"] in stream.ids:
            self.repeats += 1
            return False
        stream.ids[event["id"]] = None
        if len(stream.ids) > IDS:
            del stream.ids[next(iter(stream.ids))]
        # A lower number than expected: a publisher that began anew under the same session's name.
        self.lost += max(sequence - stream.expected, 0)
        stream.expected = sequence + 1
        return True


class _Stream:
    """What is remembered of one topic in one session."""

    def __init__(self, first: int) -> None:
        self.expected = first  # what came before this subscriber did is no loss
        self.ids: dict[str, None] = {}  # in the order in which they came
