"""How to train: the numbers of a training."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """How to train."""

    epochs: int = 110
    batch: int = 32
    rate: float = 1.5e-3
    """Adam's learning rate at the start; it falls to 0 along a cosine."""
    draws: int = 2
    """Random windows of each clip in an epoch."""
    masks: int = 0
    """Stripes of time, and of frequency, set to 0 in each window (SpecAugment, Park et al. 2019)."""
    tilt: float = 0.05
    """Standard deviation of a slope added over the bands: microphones differ."""
