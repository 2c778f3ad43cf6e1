"""Who trains and who tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.intp]

TEST_SHARE = 0.25
VALIDATION_SHARE = 0.15
"""Of what is not tested."""


@dataclass(frozen=True, eq=False)
class Split:
    """Indices of clips, each in one part only and in rising order."""

    train: Indices
    validation: Indices
    """Chooses the epoch and the temperature."""
    test: Indices
    """Is looked at once, at the end."""


def random_split(count: int, seed: int) -> Split:
    """The thesis' protocol: a quarter of the clips, drawn at random, tests. Speakers are on both sides."""
    order = np.random.default_rng(seed).permutation(count)
    tested = round(TEST_SHARE * count)
    validating = round(VALIDATION_SHARE * (count - tested))
    test, validation, train = np.split(order, [tested, tested + validating])
    return Split(np.sort(train), np.sort(validation), np.sort(test))
