"""What a batch holds: the views asked for, their stripes and mixtures, and what is to be said of them."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
import pytest

from model_build.training.batches import TrainingArrays, batch, masked
from model_build.training.examples import Examples
from model_build.training.views import Views
from tests.support.sounding import BANDS, BARE, SCHEDULE


def telling(known: np.ndarray | None = None) -> TrainingArrays:
    """One view of one clip of each label; its first row says which."""
    windows = np.zeros((8, 32, BANDS), np.uint8)
    windows[range(8), 0, range(8)] = 255
    return TrainingArrays(windows, np.ones((8, 8), bool) if known is None else known, np.eye(8, dtype=np.float32), None)


def test_a_batch_is_what_the_network_takes_and_follows_from_its_key(examples: Examples, heard: Views) -> None:
    material = TrainingArrays(jax.numpy.asarray(heard.windows), examples.known, examples.targets(0.1), None)
    material = jax.tree.map(jax.numpy.asarray, material)
    chosen = np.arange(16)
    seen = heard.first[chosen] + chosen % 2
    one, again, other = (batch(SCHEDULE, material, jax.random.key(seed), chosen, seen) for seed in (0, 0, 1))
    inputs, known, wanted = map(np.asarray, one)
    assert inputs.shape == (16, 32, BANDS, 1)
    assert inputs.min() >= 0
    assert inputs.max() <= 1
    assert known.shape == wanted.shape == (2, 16, 8)
    assert wanted.sum(axis=(0, 2)) == pytest.approx(np.ones(16), abs=1e-5)
    for first, second in zip(one, again, strict=True):
        np.testing.assert_array_equal(first, second)
    assert not np.array_equal(inputs, other[0])


def test_without_mixture_and_masks_a_batch_holds_the_views_asked_for(examples: Examples, heard: Views) -> None:
    material = TrainingArrays(
        jax.numpy.asarray(heard.windows), examples.known, jax.numpy.asarray(examples.targets(0)), None
    )
    chosen = np.array([7, 30, 7, 0])
    seen = heard.first[chosen] + [1, 0, 0, 1]
    inputs, _, wanted = batch(BARE, material, jax.random.key(0), chosen, seen)
    np.testing.assert_allclose(np.asarray(inputs)[..., 0], heard.windows[seen] / 255, atol=1e-6)
    np.testing.assert_array_equal(wanted, np.eye(8)[examples.truth[chosen]][None])


def test_mixup_mixes_inputs_and_targets_alike() -> None:
    schedule = dataclasses.replace(BARE, mixup=0.4)
    inputs, _, wanted = map(np.asarray, batch(schedule, telling(), jax.random.key(0), np.arange(8), np.arange(8)))
    np.testing.assert_allclose(inputs[:, 0, :8, 0], wanted.sum(axis=0), atol=1e-6)
    assert (wanted.sum(axis=0).argmax(axis=1) == np.arange(8)).all(), "one's own share is the larger"
    assert (wanted[1] > 0.01).any()


def test_each_source_of_a_mixture_is_told_from_the_labels_of_its_own_corpus() -> None:
    schedule = dataclasses.replace(BARE, mixup=0.4)
    material = telling(np.eye(8, dtype=bool))
    _, known, wanted = map(np.asarray, batch(schedule, material, jax.random.key(0), np.arange(8), np.arange(8)))
    np.testing.assert_array_equal(known[0], np.eye(8))
    np.testing.assert_array_equal(known > 0, wanted > 0)


@pytest.mark.parametrize("stripes", [0, 1, 3])
def test_stripes_of_time_and_frequency_are_taken_out(stripes: int) -> None:
    schedule = dataclasses.replace(SCHEDULE, stripes=stripes, stripe_rows=5, stripe_bands=3)
    found = np.asarray(masked(jax.random.key(1), np.ones((400, 32, BANDS), np.float32), schedule))
    rows, bands = (found == 0).all(axis=2), (found == 0).all(axis=1)
    np.testing.assert_array_equal(found == 0, rows[:, :, None] | bands[:, None, :])
    for struck, greatest in ((rows, 5), (bands, 3)):
        begun = np.diff(np.pad(struck, ((0, 0), (1, 0))).astype(int), axis=1) > 0
        assert begun.sum(axis=1).max() <= stripes, "each in one piece"
        assert struck.sum(axis=1).max() <= stripes * greatest
        if stripes == 1:
            assert set(struck.sum(axis=1)) == set(range(greatest + 1)), "of any size"
            assert struck.any(axis=0).all(), "anywhere"


def test_a_teachers_words_are_those_about_the_view_that_is_heard() -> None:
    said = np.random.default_rng(0).dirichlet(np.ones(8), 16).astype(np.float32)
    material = telling()._replace(views=np.zeros((16, 32, BANDS), np.uint8), taught=said)
    seen = np.array([8, 9, 3])
    _, _, wanted = batch(BARE, material, jax.random.key(0), np.array([4, 4, 1]), seen)
    np.testing.assert_array_equal(wanted, said[seen][None])
