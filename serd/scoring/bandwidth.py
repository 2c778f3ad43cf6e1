"""Bandwidth: whether a recording's speech lacks what a telephone does not carry.

A telephone's 8000 samples per second hold nothing above 4 kHz, at whatever rate they were stored later, and the
networks learned from whole spectra.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from serd.inference.quality import FLOOR_DB

MIDDLE, TOP = slice(3, 6), 7
"""Of a meter's eight bands (`serd.inference.quality.EDGES_HZ`): 500 to 3000 Hz, and all above 4500 Hz."""

LEAST_DB = -48.0
"""Top against middle. In 187 clips of seven corpora it lay at -42.6 dB and above, in 82 of the same ones resampled to
8 kHz and back at -51.3 dB and below."""

LEAST_AT_FLOOR_DB = -43.0
"""The same where the top band is at the meter's floor, and so lies deeper than it shows: a whole spectrum never did."""

LOUD = 0.9
"""The quantile over windows that is compared: hissing sounds fill the upper band, and there are few of them."""

ENOUGH = 4
"""Windows with speech (a second of it) from which on anything is said."""


class Bandwidth:
    """Bands of the windows with speech, counted: they come in steps of 3 dB, so memory does not grow."""

    def __init__(self) -> None:
        self._middle: Counter[float] = Counter()
        self._top: Counter[float] = Counter()

    def add(self, bands: Sequence[float]) -> None:
        """Count the eight bands, in dB, of a window with speech."""
        self._middle[max(bands[MIDDLE])] += 1
        self._top[bands[TOP]] += 1

    @property
    def is_limited(self) -> bool:
        """Whether there is next to nothing above 4.5 kHz."""
        if self._top.total() < ENOUGH:
            return False
        top, middle = _quantile(self._top), _quantile(self._middle)
        return top - middle < (LEAST_AT_FLOOR_DB if top <= FLOOR_DB else LEAST_DB)


def _quantile(counts: Counter[float]) -> float:
    """The least value that `LOUD` of all do not exceed."""
    left = LOUD * counts.total()
    for value in sorted(counts):
        left -= counts[value]
        if left <= 0:
            return value
    return max(counts)
