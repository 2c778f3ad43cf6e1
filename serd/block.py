"""A block of samples with its place in the stream: what every source hands on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive mono samples."""

    samples: Samples
    """Shape (n,), float32, full scale is ±1."""

    start: int
    """Place of the first sample in the stream, in samples since the stream began, lost ones counted."""

    gap: bool
    """True if samples were lost, or capture paused, right before this block."""

    arrived: float
    """`time.monotonic()` when the last sample was delivered."""

    overflows: int = 0
    """How often samples have been lost since the source was opened."""

    reanchored: int = 0
    """How often the stream's time has been set anew; see `serd.audio.drift`."""

    @property
    def end(self) -> int:
        """Place of the first sample after this block."""
        return self.start + len(self.samples)
