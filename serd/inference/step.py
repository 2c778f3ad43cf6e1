"""A step: all there is to say about one stride, before it has names and seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serd.events.reference import ReferenceUse
from serd.inference.decision import Decision
from serd.inference.frontend import Rows
from serd.inference.quality import Quality
from serd.inference.segment import Segment


@dataclass(frozen=True, slots=True)
class Scores:
    """What the networks say of one window."""

    start: int
    end: int
    """Extent in the stream, in samples; shorter than the model's window after a gap or the stream's start."""
    speech: float
    """Probability that there is speech at the window's end."""
    probabilities: NDArray[np.float64] | None
    """Probabilities of all labels (labels,), given speech; None where the network was not asked."""
    heard_s: float
    """Speech that the emotion network's window holds, in seconds."""
    activation: float | None = None
    """Probability of high activation; None where the network was not asked or does not tell it."""
    statistics: Rows | None = None
    """What a reference is a mean of (width,); None where the network was not asked or knows no reference."""


@dataclass(frozen=True, slots=True)
class Step:
    """All there is to say about one stride."""

    scores: Scores
    decision: Decision
    segments: tuple[Segment, ...]
    """Segments that ended or began, in that order."""
    quality: Quality
    gap: bool
    arrived: float
    overflows: int
    reference: ReferenceUse | None
    """What the voice was compared with; None for a model that cannot."""
