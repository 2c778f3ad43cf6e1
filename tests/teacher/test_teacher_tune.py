"""The teacher tuned to real clips, for one epoch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from speech import EMOTIONS, ravdess
from speech import read as read_samples
from teachers import ARRAYS

from model_build.metrics import log_loss
from model_build.teacher.frontend import mel
from model_build.teacher.mels import spread
from model_build.teacher.tune import Settings, Tuned, mean, mixed, one_cycle, smoothed, tune
from model_build.teacher.weights import Array, read
from serd.errors import UsageError
from serd.model import softmax

TRUTH = np.arange(40) % len(EMOTIONS)


@pytest.fixture(scope="module")
def clips(corpora: Path) -> list[np.ndarray]:
    """Five actors, eight emotions."""
    paths = [ravdess(corpora, 1 + k // len(EMOTIONS), EMOTIONS[k % len(EMOTIONS)]) for k in range(40)]
    return [mel(read_samples(path)).astype(np.float16) for path in paths]


@pytest.fixture(scope="module")
def teacher(teachers: Path) -> dict[str, Array]:
    return read(teachers / ARRAYS)


@pytest.fixture(scope="module")
def asked() -> list[int]:
    """One entry for each time that the tuning asked whether to go on."""
    return []


@pytest.fixture(scope="module")
def tuned(clips: list[np.ndarray], teacher: dict[str, Array], asked: list[int]) -> Tuned:
    settings = Settings(epochs=1, batch=8, rate=3e-3)
    return tune(clips, TRUTH, 8, teacher, settings=settings, seed=1, check=lambda: asked.append(1))


def loss(said: np.ndarray) -> float:
    return log_loss(TRUTH, softmax(mean(said)))


def test_one_epoch_lowers_the_loss(clips: list[np.ndarray], teacher: dict[str, Array], tuned: Tuned) -> None:
    before = tune(clips, TRUTH, 8, teacher, settings=Settings(epochs=0), seed=1)
    assert loss(tuned.views(clips, 1)) < loss(before.views(clips, 1)) - 0.05
    assert len(tuned.losses) == 1
    assert not before.losses


def test_views_are_crops_spread_over_the_clip(clips: list[np.ndarray], tuned: Tuned) -> None:
    said = tuned.views(clips[:3], 2)
    assert said.shape == (3, 2, 8)
    assert said.dtype == np.float16
    np.testing.assert_array_equal(tuned.at(clips[:3], spread(clips[:3], 2)), said)
    assert np.abs(said[:, 0] - said[:, 1]).max() > 0.01  # another crop, another answer


def test_the_mean_is_that_of_log_probabilities() -> None:
    said = np.array([[[3, 1, 0], [1, 3, 0]], [[2, 0, 0], [2, 0, 0]]], np.float16)
    logs = np.log([softmax(view.astype(np.float32)) for view in said])
    np.testing.assert_allclose(mean(said), logs.mean(axis=1), atol=1e-5)
    np.testing.assert_allclose(np.diff(mean(said)[0, :2]), 0, atol=1e-5)


def test_it_asks_before_each_batch_whether_to_go_on(tuned: Tuned, asked: list[int]) -> None:
    assert len(asked) == len(tuned.losses) * len(TRUTH) // 8


@pytest.mark.parametrize(
    ("count", "truth"), [(0, np.zeros(0, np.intp)), (2, np.array([1])), (2, np.array([0, 8])), (2, np.array([-1, 0]))]
)
def test_clips_and_labels_must_fit(count: int, truth: np.ndarray) -> None:
    with pytest.raises(UsageError, match=f"{count} clips and {len(truth)} labels"):
        tune([np.zeros((300, 128), np.float16)] * count, truth, 8, {}, seed=1)


def test_the_rate_goes_up_and_then_down() -> None:
    rates = [one_cycle(step, 1000, 1e-3) for step in range(1000)]
    assert rates[0] == pytest.approx(1e-3 / 25)
    assert max(rates) == pytest.approx(1e-3)
    assert np.argmax(rates) == 299
    assert rates[-1] == pytest.approx(1e-3 / 25e4)
    assert (np.diff(rates[:300]) > 0).all()
    assert (np.diff(rates[299:]) < 0).all()


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_short_cycles_have_rates_too(steps: int) -> None:
    assert all(0 < one_cycle(step, steps, 1e-3) <= 1e-3 for step in range(steps))


def test_smoothed_labels_are_still_the_likeliest() -> None:
    np.testing.assert_allclose(smoothed(np.array([1]), 4, 0.1), [[0.025, 0.925, 0.025, 0.025]], atol=1e-6)


def test_crops_and_targets_are_mixed_alike() -> None:
    targets = np.eye(6, dtype=np.float32)
    inputs = np.broadcast_to(targets[:, np.newaxis], (6, 3, 6)).copy()
    blended, wanted = mixed(np.random.default_rng(0), inputs, targets, 0.3)
    np.testing.assert_allclose(blended[:, 0], wanted, atol=1e-6)
    np.testing.assert_allclose(wanted.sum(axis=1), 1, atol=1e-6)
    assert (wanted.argmax(axis=1) == np.arange(6)).all()  # the crop's own part is the larger one
    assert (wanted.max(axis=1) < 1).any()
    assert mixed(np.random.default_rng(0), inputs, targets, 0)[0] is inputs
