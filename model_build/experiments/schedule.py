"""The numbers of a default model's training."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from model_build.clips.channel import Channel

SHARES = (("ravdess-speech", 0.7), ("nemo", 0.3))
"""Pooled without shares, the largest corpus would be the one that is learned (ANCHORS.md)."""


@dataclass(frozen=True)
class Schedule:
    """How long, how fast, on what."""

    epochs: int = 150
    draws: int = 1408
    """Clips in an epoch."""
    shares: tuple[tuple[str, float], ...] = SHARES
    """Share of each corpus in these clips; in each, its labels alike."""
    again: float = 2.0
    """How often the same window of a clip is heard, through the same channel."""
    batch: int = 32
    rate: float = 4e-3
    """AdamW's (Loshchilov & Hutter 2019) after a twentieth of the steps; then it falls to 0 along a cosine."""
    decay: float = 0.02
    clip: float = 5.0
    """Greatest norm of a step's gradient."""
    smoothing: float = 0.1
    mixup: float = 0.4
    """Both parameters of the Beta distribution that mixes two windows (Zhang et al. 2018); 0: none."""
    stripes: int = 1
    """Masked stripes of time, and as many of frequency, in a window."""
    stripe_rows: int = 10
    """Greatest size of a stripe of time."""
    stripe_bands: int = 4
    """Greatest size of a stripe of frequency."""
    whole: float = 0.7
    """Share of windows that hold all of a clip's speech, or nothing else; the others end anywhere in it."""
    average: float = 0.998
    """The momentum of the weights' exponential mean over the steps."""
    settling: int = 80
    """Batches in which the normalisations learn the statistics of the averaged weights (Izmailov et al. 2018)."""
    channel: Channel = field(default_factory=Channel)

    @property
    def shortened(self) -> Schedule:
        """A schedule of one epoch with few clips."""
        return dataclasses.replace(self, epochs=1, draws=64, settling=2)
