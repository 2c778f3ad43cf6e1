"""Quality of the input: how loud, in which bands, and what is wrong with it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from serd.block import Samples, SingleChannel
from serd.inference.frontend import Rows

FLOOR_DB = -99.0
"""Level given for digital silence, in dB of full scale."""

FULL_SCALE = 0.999
"""A sample at or beyond this is taken as clipped (16-bit full scale is 0.99997)."""

EDGES_HZ = (0, 125, 250, 500, 1000, 2000, 3000, 4500, 8000)
"""The meter's eight bands: too coarse, with its 3 dB steps, to give speech back."""

STEP_DB = 3.0

CLIPPED = 0.005
"""An input with this share of samples at full scale is clipped: 20 in 0.25 s; a lone click is not."""

OFFSET = 0.05
"""An input whose mean is this far from zero is offset: ten times what a poor sound card has."""

InputStatus = Literal["ok", "silent", "constant", "clipped", "offset"]
"""`silent`: nothing but exact zeros, which no microphone delivers; `constant`: one other value."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Quality of one stride of input."""

    level: float
    """Root mean square, dB of full scale (a full-scale sine has -3 dB)."""

    bands: tuple[float, ...]
    """Mean power in eight bands, dB of full scale, in steps of 3 dB."""

    clipping: float
    """Share of samples at full scale, 0 to 1."""

    status: InputStatus
    """What is wrong with these samples alone; what lasts is for the supervisor to judge."""

    channels: SingleChannel | None = None
    """The one channel that is heard, where the mix of all would cancel or drown it."""


def measure(samples: Samples, power: Rows, sample_rate: int, channels: SingleChannel | None = None) -> Quality:
    """Quality of a stride from its samples (n,) and the power spectra (frames, bins) of its frames."""
    count = len(samples)
    mean_square = float(np.add.reduce(np.square(samples, dtype=np.float64))) / count if count else 0.0
    low, high = (float(samples.min()), float(samples.max())) if count else (0.0, 0.0)
    full = max(-low, high) >= FULL_SCALE
    clipping = np.count_nonzero(np.abs(samples) >= FULL_SCALE) / count if full else 0.0
    edges = _edges(power.shape[1], sample_rate)
    spectrum = np.add.reduce(power, axis=0, dtype=np.float64) / max(1, len(power))
    sums = np.add.reduceat(spectrum, edges)[:-1]  # of a band narrower than a bin, the nearest
    bands = tuple(round(decibel(float(one)) / STEP_DB) * STEP_DB for one in sums)
    status: InputStatus = "ok"
    if count and low == high:
        status = "constant" if low else "silent"
    elif clipping >= CLIPPED:
        status = "clipped"
    elif count and abs(float(np.add.reduce(samples, dtype=np.float64))) / count >= OFFSET:
        status = "offset"
    return Quality(round(decibel(mean_square), 1), bands, round(clipping, 5), status, channels)


@cache
def _edges(bins: int, sample_rate: int) -> tuple[int, ...]:
    """The bins at which the meter's bands begin, and the one before which the last ends."""
    return tuple(min(round(hz * 2 * (bins - 1) / sample_rate), bins - 1) for hz in EDGES_HZ)


def decibel(power: float) -> float:
    """dB of a power ratio, never below FLOOR_DB."""
    return max(10 * math.log10(power), FLOOR_DB) if power > 0 else FLOOR_DB
