"""model_build.training.head_fit and head_inputs: what a head learns from, and that it does."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from model_build.experiments.head_schedule import HeadSchedule
from model_build.networks.head import Head
from model_build.training.head_fit import moments, train
from model_build.training.head_inputs import HeadInputs

QUICK = HeadSchedule(epochs=40, draws=640, units=16, rate=3e-3, decay=0.1, dropout=0.2)


def inputs(seed: int = 0, count: int = 1200, size: int = 40) -> HeadInputs:
    """Two corpora: the first knows all labels, the second the first four; a few numbers tell the label."""
    rng = np.random.default_rng(seed)
    corpus = rng.integers(2, size=count)
    label = np.where(corpus == 0, rng.integers(8, size=count), rng.integers(4, size=count))
    heard = rng.standard_normal((count, size)) + 4 * np.eye(size)[label] + 3 * (np.arange(size) == size - 1)
    heard[:, -2] += 4 * (label % 2)
    known = (corpus == 0)[:, None] | (np.arange(8) < 4)
    stratum = corpus * 8 + label
    share = np.concatenate([np.full(8, 0.75 / 8), np.full(4, 0.25 / 4), np.zeros(4)])
    return HeadInputs(heard.astype(np.float16), label, known, label % 2, stratum, share)


def test_labels_and_activation_are_learned() -> None:
    head, fresh = train(inputs(), (1,), QUICK, 0), inputs(1)
    outputs = head.answers(fresh.features)
    likeliest = np.where(fresh.known, outputs[:, :-1], -np.inf).argmax(axis=1)
    assert (likeliest == fresh.label).mean() > 0.9
    assert ((outputs[:, -1] > 0) == fresh.active).mean() > 0.9


def test_the_same_seed_gives_the_same_head_and_another_one_another() -> None:
    first, again, other = (train(inputs(), (1,), QUICK, seed) for seed in (3, 3, 4))
    for field in dataclasses.fields(Head):
        np.testing.assert_array_equal(getattr(first, field.name), getattr(again, field.name))
    assert not np.array_equal(first.hidden, other.hidden)


def test_a_window_without_a_label_teaches_activation_alone() -> None:
    own = inputs()
    unnamed = dataclasses.replace(own, label=np.full_like(own.label, -1))
    head, fresh = train(unnamed, (1,), QUICK, 0), inputs(1)
    outputs = head.answers(fresh.features)
    assert np.abs(outputs[:, :-1]).max() == 0
    assert ((outputs[:, -1] > 0) == fresh.active).mean() > 0.9


def test_moments_weigh_windows_as_they_are_heard() -> None:
    own = inputs(count=5000)
    mean, spread = moments(own)
    weight, heard = own.weight, own.features.astype(np.float64)
    assert own.weight[own.stratum < 8].sum() == pytest.approx(0.75)
    np.testing.assert_allclose(mean, weight @ heard, atol=1e-3)
    np.testing.assert_allclose(spread, np.sqrt(weight @ np.square(heard - weight @ heard)), atol=3e-3)
