"""The pitch of a voice, from the power spectra that the front end has anyway.

The autocorrelation of a frame is the inverse transform of its power; divided by that of the taper, its highest peak
between two pitches tells the period and how periodic the frame is (Boersma 1993). No path is sought: each row stands
for itself, as in the daemon nothing is known of the next one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from serd.block import Samples
from serd.inference.frontend import FrontEnd, Rows, Stft

LOW_HZ, HIGH_HZ = 75.0, 500.0
HIGHEST_HZ = 2000.0
"""Power above it says little of the pitch, and much of the breath."""
OCTAVE_COST = 0.02
"""Taken off a peak for each octave below HIGH_HZ: twice a period is a period, too."""
VOICED = 0.5
"""Periodicity from which a row is voiced."""
LOUD = 0.4
"""Level from which a row of a window is voiced: 36 dB below the window's loudest band, at 60 dB."""
RANGE = 1.0
"""Octaves above and below the window's median that the bands cover."""
PERIODIC, OCTAVES = 0, 1
"""Columns of a track."""


def track(samples: Samples, front_end: FrontEnd) -> Rows:
    """The track of a whole clip, filled up as its log rows are: (n,) -> (rows, 2), see `of_power`."""
    return of_power(front_end.stft.power(samples), front_end.stft, front_end.bands.pool)


def of_power(power: Rows, stft: Stft, pool: int) -> Rows:
    """Power spectra (frames, bins) -> periodicity (0 to 1) and log2 of the pitch in Hz (frames // pool, 2)."""
    whole = len(power) // pool * pool
    pooled = power[:whole].reshape(-1, pool, power.shape[1]).mean(axis=1)
    kept = round(HIGHEST_HZ * stft.n_fft / stft.sample_rate)
    pooled = np.where(np.arange(power.shape[1]) <= kept, pooled, 0)
    likeness = scipy.fft.irfft(pooled, axis=1)[:, : stft.n_fft // 2]
    likeness = likeness / np.maximum(likeness[:, :1], 1e-20) / _taper_likeness(stft)
    first, last = int(stft.sample_rate / HIGH_HZ), int(stft.sample_rate / LOW_HZ) + 1
    lags = np.arange(first, last + 1)
    among = likeness[:, first : last + 1]
    peak = (among >= likeness[:, first - 1 : last]) & (among >= likeness[:, first + 1 : last + 2])
    worth = np.where(peak, among - OCTAVE_COST * np.log2(lags * HIGH_HZ / stft.sample_rate), -1)
    best = worth.argmax(axis=1)
    rows = np.arange(len(worth))
    before, at, after = (likeness[rows, first + best + k] for k in (-1, 0, 1))
    bend = 2 * at - before - after
    shift = np.where(bend > 1e-9, (after - before) / np.maximum(2 * bend, 1e-9), 0)
    found = worth[rows, best] > -1
    octaves = np.log2(stft.sample_rate / (lags[best] + np.clip(shift, -0.5, 0.5)))
    periodic = np.where(found, np.clip(at, 0, 1), 0)
    tracked: Rows = np.stack([periodic, octaves], axis=1).astype(np.float32)
    return tracked


@lru_cache(maxsize=4)
def _taper_likeness(stft: Stft) -> Rows:
    """The taper's own autocorrelation at each lag (n_fft // 2,), 1 at the first, as the frames' wraps round."""
    power = np.square(np.abs(scipy.fft.rfft(stft.taper.astype(np.float64))))
    likeness = scipy.fft.irfft(power)[: stft.n_fft // 2]
    own: Rows = np.maximum(likeness / likeness[0], 0.1).astype(np.float32)
    return own


def voiced(tracked: Rows, window: Rows) -> NDArray[np.bool_]:
    """Which rows of a window are voiced, from its track (rows, 2) and its scaled rows (rows, bands)."""
    spoken: NDArray[np.bool_] = (tracked[:, PERIODIC] >= VOICED) & (window.max(axis=1) >= LOUD)
    return spoken


def bands(tracked: Rows, window: Rows, count: int) -> Rows:
    """What a network is given of a window's pitch: (rows, count) in [0, 1], 0 where nothing is voiced.

    The bands lie evenly from RANGE octaves below the window's median to as much above it; a pitch between two is shared
    by them.
    """
    spoken = voiced(tracked, window)
    made = np.zeros((len(tracked), count), np.float32)
    if spoken.any():
        octaves = tracked[spoken, OCTAVES]
        places = (np.clip(octaves - np.median(octaves), -RANGE, RANGE) + RANGE) / (2 * RANGE) * (count - 1)
        made[spoken] = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(count)))
    return made


def moments(tracked: Rows, window: Rows) -> tuple[float, float]:
    """Mean and deviation of log2 of the pitch in Hz over a window's voiced rows; those of nobody without any."""
    octaves = tracked[voiced(tracked, window), OCTAVES]
    return (float(octaves.mean()), float(octaves.std())) if len(octaves) else (float(np.log2(160)), 0.2)
