"""Masks: stripes of time and of frequency taken out of windows in training (SpecAugment, Park et al. 2019)."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from serd.inference.frontend import Rows


def masked(rng: Generator, windows: Rows, stripes: int, rows: int, bands: int) -> Rows:
    """A copy of windows (n, rows, bands) with so many stripes of time, and of frequency, at 0 in each.

    A stripe is at most `rows` high, or `bands` wide.
    """
    holed = np.array(windows)
    for window in holed:
        for _ in range(stripes):
            height, width = rng.integers(0, rows + 1), rng.integers(0, bands + 1)
            top = rng.integers(0, window.shape[0] - height + 1)
            left = rng.integers(0, window.shape[1] - width + 1)
            window[top : top + height] = 0
            window[:, left : left + width] = 0
    return holed
