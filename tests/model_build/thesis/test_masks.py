"""Masks over windows."""

from __future__ import annotations

import numpy as np

from model_build.thesis.training import masked


def test_masks_cover_stripes_and_nothing_else():
    windows = np.ones((8, 128, 40), np.float32)
    holed = masked(np.random.default_rng(0), windows, 2, 16, 6)
    assert set(np.unique(holed)) == {0, 1}
    assert 0.5 < holed.mean() < 1
    assert (windows == 1).all(), "what was given stays as it was"
    whole = (holed == 0).all(axis=2).sum(axis=1)
    assert whole.max() <= 2 * 16


def test_masks_are_no_wider_than_said() -> None:
    inputs = np.ones((4, 256, 128), np.float32)
    left = masked(np.random.default_rng(0), inputs, 1, 32, 16)
    assert (inputs == 1).all()  # the given crops are untouched
    whole_frames, whole_bands = (left == 0).all(axis=2).sum(axis=1), (left == 0).all(axis=1).sum(axis=1)
    assert whole_frames.max() <= 32
    assert whole_bands.max() <= 16
    assert 0 < (left == 0).mean() < 0.4
