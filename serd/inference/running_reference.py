"""The running reference: means over what a voice in the stream has said so far, which the model compares it with.

Of each window with speech the network's pooled statistics count with the seconds of new speech in its last stride, and
only once a whole window has passed, so that no window is compared with itself. It lives in memory alone. A gap does not
change it; mute, the stream's end and a voice that is clearly another begin a new one.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from serd.inference.reference import Reference

MOST_S = 120.0
"""Seconds of speech that a reference counts for at most; what is older fades from then on. Conversations are speech of
one person for a third to a half, so these are some minutes: more than one bout of anger, which alone would make anger
look usual, and less than a change of room or of seat has to wait."""

PART_S = 8.0
"""Speech of a part, the unit in which a voice is held against what was heard before it."""

SETTLED_S = 24.0
"""Speech of which a reference knows its own spread well enough to tell another voice: three parts."""

CHANGED = 0.75
"""Distance of a part from the reference, in units of its spread, from which on the voice is clearly another one's
(`script/voice-change`: of readers 84 % of the changes are noticed and no voice is taken for another)."""

LEAST_SPREAD = 1e-6
"""No statistic is taken to vary less than this: a unit of the network may be silent for a while."""


class _Waiting(NamedTuple):
    statistics: NDArray[np.float32]
    seconds: float


class Moments:
    """Mean and variance of statistics, weighed by seconds of speech.

    Two of them are joined as Chan, Golub & LeVeque do (1983, "Algorithms for computing the sample variance").
    """

    def __init__(self, statistics: NDArray[np.floating], seconds: float) -> None:
        """Of one window (width,)."""
        self.mean: NDArray[np.float64] = statistics.astype(np.float64)
        self.variance = np.zeros_like(self.mean)
        self.seconds = seconds

    def join(self, other: Moments, most_s: float = np.inf) -> None:
        """Take in `other`; where both together are more than `most_s`, these have faded to what it leaves."""
        before = min(self.seconds, max(most_s - other.seconds, 0.0))
        self.seconds = before + other.seconds
        share = other.seconds / self.seconds
        apart = other.mean - self.mean
        self.mean = self.mean + share * apart
        self.variance = (1 - share) * self.variance + share * other.variance + share * (1 - share) * apart**2

    def distance(self, other: Moments) -> float:
        """How far the mean of `other` is from this one, in units of this one's spread: the root of the mean square over
        the statistics."""
        return float(np.sqrt(np.mean((other.mean - self.mean) ** 2 / (self.variance + LEAST_SPREAD))))


class RunningReference:
    """Is told of each stride, in turn: `advance` before its window is judged, `hear` afterwards.

    `advance` may be called for at most `delay` strides before `hear` is for the first of them.
    """

    def __init__(self, delay: int) -> None:
        """`delay`: strides of a whole window, after which its statistics count."""
        self.delay = delay
        self.reference: Reference | None = None
        """As it is now."""
        self._waiting: deque[_Waiting | None] = deque([None] * delay)
        self._before: Moments | None = None
        self._part: Moments | None = None
        """What has been said since `_before`; whose part it is will be known when it is long enough."""

    def forget(self) -> None:
        """Begin anew."""
        self._waiting = deque([None] * self.delay)
        self._before = self._part = self.reference = None

    def advance(self) -> Reference | None:
        """The reference for the next stride; None before any speech."""
        due = self._waiting.popleft()
        if due is not None:
            self._add(Moments(due.statistics, due.seconds))
        return self.reference

    def hear(self, statistics: NDArray[np.float32] | None, seconds: float) -> None:
        """Take a stride's statistics (width,), and how much new speech there is in it; None where nobody was asked."""
        known = statistics is not None and seconds > 0
        self._waiting.append(_Waiting(statistics.copy(), seconds) if statistics is not None and known else None)

    def _add(self, window: Moments) -> None:
        if self._part is None:
            self._part = window
        else:
            self._part.join(window)
        if self._part.seconds >= PART_S:
            self._close_part(self._part)
        both = [moments for moments in (self._before, self._part) if moments is not None]
        total = sum(moments.seconds for moments in both)
        mean = sum(moments.seconds / total * moments.mean for moments in both)
        self.reference = Reference(np.asarray(mean, np.float32), min(total, MOST_S))

    def _close_part(self, part: Moments) -> None:
        before = self._before
        if before is None or (before.seconds >= SETTLED_S and before.distance(part) > CHANGED):
            self._before = part
        else:
            before.join(part, MOST_S)
        self._part = None
