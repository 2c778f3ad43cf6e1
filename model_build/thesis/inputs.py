"""What a network of the study sees: one window of each clip, laid on its speech.

A window begins shortly before the speech does, by energy, and is cut and scaled by the daemon's own front
end; where the clip is over, the stream goes on in digital silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.clips.features import Clip
from serd.inference.frontend import FLOOR, FrontEnd, Rows

LEAD_S = 0.125
"""The window begins so long before the speech."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """Clips with all that decides on their windows."""

    rows: list[Rows]
    """Log band energies of each clip, with a window of silence on either side."""
    starts: NDArray[np.intp]
    """Where the aligned window begins in `rows` (n,)."""
    front_end: FrontEnd
    amplitude: bool = False

    @classmethod
    def make(cls, clips: Sequence[Clip], front_end: FrontEnd, amplitude: bool = False) -> Inputs:
        """Lay a window on each clip."""
        lead = round(LEAD_S * front_end.stft.sample_rate / front_end.row_hop)
        silence = np.full((front_end.rows, front_end.bands.count), np.log(FLOOR), np.float32)
        starts = [front_end.rows + onset(clip) - lead for clip in clips]
        rows = [np.concatenate([silence, clip.rows, silence]) for clip in clips]
        return cls(rows, np.array(starts, np.intp), front_end, amplitude)

    def windows(self, chosen: NDArray[np.intp], shifts: NDArray[np.intp] | None = None) -> Rows:
        """Windows of the chosen clips, each shifted by so many rows: (n, rows, bands) in [0, 1]."""
        size = self.front_end.rows
        at = self.starts[chosen] + (0 if shifts is None else shifts)
        scaled = np.zeros((len(chosen), size, self.front_end.bands.count), np.float32)
        for out, k, start in zip(scaled, chosen, at, strict=True):
            start = min(max(int(start), 0), len(self.rows[k]) - size)  # noqa: PLW2901
            out[:] = self.front_end.scale(self.rows[k][start : start + size])
        if self.amplitude:  # 1 is the loudest band still, and 0 is silence
            lowest = np.float32(10 ** (-self.front_end.top_db / 20))
            scaled = (lowest ** (1 - scaled) - lowest) / (1 - lowest)
        return scaled

    def shifts(self, rng: Generator, count: int, most: int) -> NDArray[np.intp]:
        """Random shifts of at most so many rows, either way."""
        return rng.integers(-most, most + 1, count)


def onset(clip: Clip) -> int:
    """The first row with speech; 0 if there is none."""
    return int(clip.spoken.argmax())


@dataclass(frozen=True, eq=False)
class Standard:
    """Mean and deviation of each band over the training windows, which become 0 and 1."""

    mean: Rows
    deviation: Rows

    @classmethod
    def of(cls, windows: Rows) -> Standard:
        """Mean and deviation of training windows (n, rows, bands)."""
        return cls(windows.mean(axis=(0, 1)), windows.std(axis=(0, 1)) + np.float32(1e-3))

    def apply(self, windows: Rows) -> Rows:
        """(n, rows, bands) -> (n, rows, bands, 1), the network's input."""
        standard: Rows = ((windows - self.mean) / self.deviation).astype(np.float32)[..., np.newaxis]
        return standard
