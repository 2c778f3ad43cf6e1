"""Speakers drawn with replacement: how sure any figure of a list is, whose items belong to speakers.

`model_build.report.uncertainty` does the same for figures of confusion matrices, and faster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from model_build.report.uncertainty import DRAWS, SEED

Figure = Callable[[NDArray[np.intp]], float]
"""The figure of some of the items, by their indices; an item drawn twice is there twice."""


def interval(speakers: Sequence[str], figure: Figure, draws: int = DRAWS) -> tuple[float, float]:
    """The 95 % interval (percentiles) of a figure of items, whose speakers are given: (low, high).

    The draws are seeded: the same speakers give the same interval. Draws that leave the figure without a value
    (NaN) do not count; without any that have one, both ends are NaN.
    """
    names = sorted(set(speakers))
    own = [np.flatnonzero(np.array([speaker == name for speaker in speakers])) for name in names]
    if not own:
        return float("nan"), float("nan")
    drawn = np.random.default_rng([SEED, len(own)]).integers(0, len(own), (draws, len(own)))
    found = np.array([figure(np.concatenate([own[k] for k in one])) for one in drawn])
    found = found[~np.isnan(found)]
    if not len(found):
        return float("nan"), float("nan")
    low, high = np.quantile(found, [0.025, 0.975])
    return float(low), float(high)
