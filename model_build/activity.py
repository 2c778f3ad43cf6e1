"""Where in a clean recording somebody speaks, by energy. For clean clips only: noise is loud, too."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from serd.block import Samples

RANGE_DB = 35.0
"""Speech lies at most this far below the clip's loud level ..."""
LOUD = 0.95
"""... which this quantile of the frames' levels tells: clicks do not, and silence is most of some clips."""
LEAST_DB = -70.0
"""No speech below this level (dB of full scale), however quiet the clip is."""
GAP_S = 0.2
"""Shorter silences between two words are speech."""


def activity(samples: Samples, sample_rate: int, step: int) -> NDArray[np.bool_]:
    """Speech or not, for each `step` samples: (n,) -> (ceil(n / step),)."""
    count = -(-len(samples) // step)
    padded = np.zeros(count * step, np.float32)
    padded[: len(samples)] = samples
    power = np.square(padded.reshape(count, step), dtype=np.float64).mean(axis=1)
    levels = 10 * np.log10(np.maximum(power, 1e-14))
    if not count:
        return np.zeros(0, np.bool_)
    spoken: NDArray[np.bool_] = levels >= max(np.quantile(levels, LOUD) - RANGE_DB, LEAST_DB)
    return bridge(spoken, round(GAP_S * sample_rate / step))


def bridge(spoken: NDArray[np.bool_], longest: int) -> NDArray[np.bool_]:
    """Fill silences of fewer than `longest` frames that have speech on both sides."""
    filled = spoken.copy()
    frames = np.flatnonzero(spoken)
    for before, after in pairwise(frames):
        if after - before - 1 < longest:
            filled[before:after] = True
    return filled
