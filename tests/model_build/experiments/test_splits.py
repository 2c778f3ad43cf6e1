"""Who trains and who tests."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model_build.experiments.splits import random_split


@given(st.integers(40, 3000), st.integers(0, 10000))
def test_every_clip_is_in_exactly_one_part(count: int, seed: int) -> None:
    split = random_split(count, seed)
    parts = np.concatenate([split.train, split.validation, split.test])
    assert sorted(parts) == list(range(count))
    assert len(split.test) == round(count / 4)
    assert abs(len(split.validation) - 0.15 * 0.75 * count) <= 1


def test_the_seed_fixes_the_split() -> None:
    one, same, other = random_split(1439, 3), random_split(1439, 3), random_split(1439, 4)
    np.testing.assert_array_equal(one.test, same.test)
    np.testing.assert_array_equal(one.train, same.train)
    assert not np.array_equal(one.test, other.test)
    assert len(one.test) == 360
