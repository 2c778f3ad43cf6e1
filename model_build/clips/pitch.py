"""The pitch of whole clips, beside log rows whose front end knows none."""

from __future__ import annotations

import numpy as np

from serd.block import Samples
from serd.inference.frontend import FrontEnd, Rows
from serd.inference.pitch import OCTAVES, Pitch, voiced

VOICE = Pitch(8)
"""What the study of the students is given, and serd-small's second recipe."""


def track(samples: Samples, front_end: FrontEnd) -> Rows:
    """The track of a whole clip, filled up as its log rows are: (n,) -> (rows, 2), see `Pitch.track`."""
    return VOICE.track(front_end.stft.power(samples), front_end.stft, front_end.bands.pool)


def moments(tracked: Rows, window: Rows) -> tuple[float, float]:
    """Mean and deviation of log2 of the pitch in Hz over a window's voiced rows; those of nobody without any."""
    octaves = tracked[voiced(tracked, window), OCTAVES]
    return (float(octaves.mean()), float(octaves.std())) if len(octaves) else (float(np.log2(160)), 0.2)
