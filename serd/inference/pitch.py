"""The pitch of a voice, from the power spectra that the front end has anyway.

The autocorrelation of a frame is the inverse transform of its power; divided by that of the taper, its highest peak
between two pitches tells the period and how periodic the frame is (Boersma 1993). No path is sought: each row stands
for itself, as in the daemon nothing is known of the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import NDArray

if TYPE_CHECKING:
    from serd.inference.frontend import Rows, Stft

HIGHEST_HZ = 2000.0
"""Power above it says little of the pitch, and much of the breath."""
OCTAVE_COST = 0.02
"""Taken off a peak for each octave below the highest pitch: twice a period is a period, too."""
VOICED = 0.5
"""Periodicity from which a row is voiced."""
LOUD = 0.4
"""Level from which a row of a window is voiced: 36 dB below the window's loudest band, at 60 dB."""
RANGE = 1.0
"""Octaves above and below the window's median that the bands cover."""
PERIODIC, OCTAVES = 0, 1
"""Columns of a track."""


@dataclass(frozen=True)
class Pitch:
    """What a network is told of the pitch: where in the voice's own range it is, and nothing of the voice."""

    count: int
    """Bands, evenly from RANGE octaves below the window's median to as much above it."""
    low_hz: float = 75.0
    high_hz: float = 500.0
    """A pitch lies between these."""

    def track(self, power: Rows, stft: Stft, pool: int) -> Rows:
        """Power spectra (frames, bins) -> periodicity (0 to 1) and log2 of the pitch in Hz (frames // pool, 2)."""
        whole = len(power) // pool * pool
        pooled = power[:whole].reshape(-1, pool, power.shape[1]).mean(axis=1)
        kept = round(HIGHEST_HZ * stft.n_fft / stft.sample_rate)
        pooled = np.where(np.arange(power.shape[1]) <= kept, pooled, 0)
        likeness = scipy.fft.irfft(pooled, axis=1)[:, : stft.n_fft // 2]
        likeness = likeness / np.maximum(likeness[:, :1], 1e-20) / _taper_likeness(stft)
        first, last = int(stft.sample_rate / self.high_hz), int(stft.sample_rate / self.low_hz) + 1
        lags = np.arange(first, last + 1)
        among = likeness[:, first : last + 1]
        peak = (among >= likeness[:, first - 1 : last]) & (among >= likeness[:, first + 1 : last + 2])
        worth = np.where(peak, among - OCTAVE_COST * np.log2(lags * self.high_hz / stft.sample_rate), -1)
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

    def bands(self, tracked: Rows, window: Rows) -> Rows:
        """A window's track (rows, 2) and scaled energies (rows, bands) -> (rows, count) in [0, 1].

        0 where nothing is voiced; a pitch between two bands is shared by them.
        """
        spoken = voiced(tracked, window)
        made = np.zeros((len(tracked), self.count), np.float32)
        if spoken.any():
            octaves = tracked[spoken, OCTAVES]
            places = (np.clip(octaves - np.median(octaves), -RANGE, RANGE) + RANGE) / (2 * RANGE) * (self.count - 1)
            made[spoken] = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(self.count)))
        return made


def voiced(tracked: Rows, window: Rows) -> NDArray[np.bool_]:
    """Which rows of a window are voiced, from its track (rows, 2) and its scaled energies (rows, bands)."""
    spoken: NDArray[np.bool_] = (tracked[:, PERIODIC] >= VOICED) & (window.max(axis=1) >= LOUD)
    return spoken


@lru_cache(maxsize=4)
def _taper_likeness(stft: Stft) -> Rows:
    """The taper's own autocorrelation at each lag (n_fft // 2,), 1 at the first, as the frames' wraps round."""
    power = np.square(np.abs(scipy.fft.rfft(stft.taper.astype(np.float64))))
    likeness = scipy.fft.irfft(power)[: stft.n_fft // 2]
    own: Rows = np.maximum(likeness / likeness[0], 0.1).astype(np.float32)
    return own
