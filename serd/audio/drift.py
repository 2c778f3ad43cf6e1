"""The drift of a stream: time = anchor + frames / rate, and the anchor is moved where that no longer holds.

A sound card's crystal and the computer's differ by some parts in a hundred thousand, seconds a day; and what a sound
server loses without a word makes a stream lag at once. Both show in when frames arrive. A single arrival says little:
a busy machine hands blocks over late, and the late ones in a heap. The earliest of some seconds says it well.
"""

from __future__ import annotations

import math

APART_S = 0.05
"""How far stream time and the computer's monotonic time may come apart."""

LOOK_S = 2.0
"""Arrivals are judged by the earliest of so many seconds."""

LOSS_S = 0.25
"""Seconds by which a jump at once exceeds drift: either frames were lost, or they come in a heap."""

HEAP_S = 1.0
"""How long a heap may take to come, before they count as lost."""


class DriftTracker:
    """The drift of one stream of `rate` frames per second, from its opening to its closing."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._anchor: float | None = None
        """Monotonic time of frame 0; None until it is known."""
        self._earliest, self._until = math.inf, math.inf
        """The earliest arrival in this look, against the anchor; and when the look ends."""
        self._late = 0.0
        self.moves = 0
        """How often the anchor has been moved."""

    def arrival(self, end: int, arrived: float, gap: bool, *, counted: bool = False) -> float:
        """Frames up to place `end` arrived. By how many seconds stream time has to move on, nearly always 0.0.

        `gap`: frames are missing before these; `counted`: they are in `end`. Else nobody has said how many, and when
        these came is all there is to go by. Where they are counted, who fetches them was late: a heap comes now.
        """
        ideal = arrived - end / self._rate
        if self._until == math.inf:
            self._until = arrived + LOOK_S
        if self._anchor is not None:
            late = ideal - self._anchor
            if late - self._late > LOSS_S or (gap and counted):  # what came before says nothing about now
                self._earliest, self._until = math.inf, arrived + HEAP_S
            self._late = late
            if gap and not counted and late > APART_S:
                return self._move(late, arrived)
        self._earliest = min(self._earliest, ideal)
        if arrived < self._until:
            return 0.0
        if self._anchor is None:  # the first look of a stream: sound servers begin with a heap
            self._anchor = self._earliest
        moved = self._earliest - self._anchor
        if abs(moved) > APART_S:
            return self._move(moved, arrived)
        self._earliest, self._until = math.inf, arrived + LOOK_S
        return 0.0

    def _move(self, seconds: float, arrived: float) -> float:
        assert self._anchor is not None
        self._anchor += seconds
        self._late -= seconds
        self._earliest, self._until = math.inf, arrived + LOOK_S
        self.moves += 1
        return seconds
