"""A person's reference: the mean of the encoder's statistics over what they said before, and its seconds.

It holds no sound. Of little speech it says little, so it is shrunk towards the mean of all training windows.
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
    """Mean of the features of windows, weighed by their speech (features,), see `head.features`."""
    seconds: float
    """Speech that it is the mean of."""

    @classmethod
    def of(cls, features: NDArray[np.floating], seconds: NDArray[np.floating]) -> Reference | None:
        """The reference of windows or clips with these features (n, features), each of so many seconds (n,)."""
        total = float(seconds.sum())
        if total <= 0:
            return None
        return cls(np.average(features.astype(np.float64), axis=0, weights=seconds).astype(np.float32), total)


def shrunk(mean: Rows, seconds: NDArray[np.floating], prior: Rows, half_s: float) -> Rows:
    """Means of so many seconds of speech (n, features), (n,) -> nearer to the prior, the less speech they are of."""
    share = (seconds / (seconds + half_s)).astype(np.float32)[:, None]
    nearer: Rows = prior + share * (mean - prior)
    return nearer


def entered(features: NDArray[np.floating], known: Rows) -> Rows:
    """What a head that knows a reference is given: windows (n, features) and, beside them, how they differ from the
    shrunk reference (n or 1, features) -> (n, 2 features)."""
    windows = features.astype(np.float32)
    return np.concatenate([windows, windows - known], axis=1)


def beside(features: Rows, reference: Reference | None, prior: Rows, half_s: float) -> Rows:
    """Features of one person's windows (n, features) -> what the head is given of them (n, 2 features).

    The prior stands for a person of whom nothing is known.
    """
    if reference is None:
        return entered(features, prior[np.newaxis])
    return entered(features, shrunk(reference.mean[np.newaxis], np.array([reference.seconds]), prior, half_s))
