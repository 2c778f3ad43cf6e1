"""Intervals of figures whose items belong to speakers."""

from __future__ import annotations

import math

import numpy as np

from model_build.statistics.bootstrap import interval

VALUES = np.array([0.0, 0.0, 1.0, 1.0, 1.0, 1.0])


def mean(drawn: np.ndarray) -> float:
    return float(VALUES[drawn].mean())


def test_speakers_are_drawn_and_not_items() -> None:
    low, high = interval(["a", "a", "b", "b", "b", "b"], mean)
    assert (low, high) == (0, 1)  # one of two speakers is drawn twice in half of the draws
    narrow = interval(["a", "b"] * 3, mean)
    assert narrow[0] > low
    assert narrow[1] < high


def test_the_same_speakers_give_the_same_interval() -> None:
    speakers = ["a", "b", "c", "a", "b", "c"]
    assert interval(speakers, mean) == interval(speakers, mean)


def test_one_speaker_has_no_width() -> None:
    assert interval(["a"] * 6, mean) == (mean(np.arange(6)), mean(np.arange(6)))


def test_draws_without_a_value_do_not_count() -> None:
    low, high = interval(["a", "a", "b", "b", "b", "b"], lambda drawn: 7.0 if VALUES[drawn].any() else math.nan)
    assert (low, high) == (7, 7)
    assert all(map(math.isnan, interval(["a", "b"], lambda _: math.nan)))
    assert all(map(math.isnan, interval([], mean)))
