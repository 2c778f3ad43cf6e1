"""What a head that knows a person's reference is given of it: of little speech a reference says little, so it is
shrunk towards the mean of all training windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.networks.head import Head
from serd.inference.frontend import Rows
from serd.inference.reference import Reference, shares


def shrunk(mean: Rows, seconds: NDArray[np.floating], prior: Rows, half_s: float) -> Rows:
    """Means of so many seconds of speech (n, features), (n,) -> nearer to the prior, the less speech they are of."""
    share = shares(seconds, half_s).astype(np.float32)[:, None]
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


@dataclass(frozen=True, eq=False)
class SecondHead:
    """A head that knows a reference, and how it takes one."""

    head: Head
    """Its features are those of `entered`: the first half of its mean is the prior."""
    half_s: float
    """Seconds of speech of which a reference counts half."""

    @property
    def prior(self) -> Rows:
        """What stands for a person of whom nothing is known (features,)."""
        return self.head.mean[: len(self.head.mean) // 2]

    def answers(self, features: Rows, reference: Reference | None) -> Rows:
        """What it says of one person's windows (n, features) -> (n, OUTPUTS)."""
        return self.head.answers(beside(features, reference, self.prior, self.half_s))

    def graph(self, pooled: Any, mean: Any, seconds: Any) -> Any:
        """`answers` as TensorFlow operations: a window (1, features), a reference (1, features), (1, 1) -> (1,
        OUTPUTS)."""
        import tensorflow as tf

        known = self.prior + seconds / (seconds + self.half_s) * (mean - self.prior)
        return self.head.graph(tf.concat([pooled, pooled - known], axis=1))
