"""A person's reference: the mean of a network's statistics over what they said before, and its seconds.

It holds no sound. A network that knows one has a second head beside the one that does not; what both say is blended by
the seconds that are known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serd.inference.frontend import Rows


@dataclass(frozen=True, eq=False)
class Reference:
    """What is known of a voice."""

    mean: Rows
    """Mean of the statistics of windows, weighed by their speech (width,), see `model.Answers.statistics`."""
    seconds: float
    """Speech that it is the mean of."""

    @classmethod
    def of(cls, statistics: NDArray[np.floating], seconds: NDArray[np.floating]) -> Reference | None:
        """The reference of windows or clips with these statistics (n, width), each of so many seconds (n,)."""
        total = float(seconds.sum())
        if total <= 0:
            return None
        return cls(np.average(statistics.astype(np.float64), axis=0, weights=seconds).astype(np.float32), total)


@dataclass(frozen=True)
class ReferenceHead:
    """What a contract says of a head that knows a reference."""

    width: int
    """Statistics of a window, and numbers in a reference's mean."""
    blend_s: float
    """Seconds of speech of which this head counts as much as the head without a reference."""
    temperature: float
    """Its logits are divided by it before the softmax, as the contract's own are for the other head."""
    activation: float | None = None
    """Temperature of its log-odds of high activation; None where the network gives none."""

    def shares(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much this head counts of 1, by the seconds known of each window's speaker (n,)."""
        return shares(seconds, self.blend_s)


def shares(seconds: NDArray[np.floating], half_s: float) -> NDArray[np.float64]:
    """How much of 1 what is known of so many seconds (n,) counts: half of it of `half_s` seconds, of none nothing."""
    counted: NDArray[np.float64] = seconds / np.maximum(seconds + half_s, np.finfo(np.float64).tiny)
    return counted
