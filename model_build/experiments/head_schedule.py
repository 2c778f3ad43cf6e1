"""The numbers of a training of a head over a frozen encoder."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HeadSchedule:
    """How long, how fast, on how much."""

    epochs: int = 16
    draws: int = 6400
    """Windows in an epoch."""
    batch: int = 128
    rate: float = 1e-3
    """AdamW's (Loshchilov & Hutter 2019) after a twentieth of the steps; then it falls to 0 along a cosine."""
    decay: float = 3.0
    units: int = 128
    dropout: float = 0.5
    """Share of features, and of hidden units, that a step leaves out (Srivastava et al. 2014)."""
    smoothing: float = 0.1
    activation: float = 0.5
    """How much the loss of activation counts beside that of the labels."""
    average: float = 0.99
    """Momentum of the weights' exponential mean over the steps, which is the result."""
