"""Tiny trainings that are real."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from model_build.clips.features import Clip
from model_build.corpora import Utterance
from model_build.experiments.splits import Split
from model_build.networks.architectures import cnn
from model_build.thesis.experiment import ThesisSchedule
from model_build.thesis.fit import Data, History, logits, quantized_scorer, score_views, train
from model_build.thesis.inputs import Inputs, Standard
from serd.inference.frontend import Bands, FrontEnd, Stft
from serd.inference.model import softmax

FRONT_END = FrontEnd(Stft(16000, 512, 250), Bands("linear", 16, 0, 8000, pool=2), rows=24, top_db=60, quiet_db=-70)
SPLIT = Split(np.arange(32), np.arange(32, 44), np.arange(44, 60))


def clip(k: int) -> Clip:
    """Noise; every other one is brighter in the upper bands."""
    rng = np.random.default_rng(k)
    rows = rng.uniform(-14, -8, (40, 16)).astype(np.float32)
    rows[:, 8 * (k % 2) :][:, :8] += 6
    return Clip(Utterance(Path(str(k)), str(k), "c", "s"), str(k), rows, np.ones(40, np.bool_))


def data() -> Data:
    examples = Inputs.make([clip(k) for k in range(60)], FRONT_END)
    return Data(examples, Standard.of(examples.windows(SPLIT.train)), np.arange(60) % 2, SPLIT)


def fitted(seed: int, known: Data) -> tuple[keras.Model, History]:
    keras.utils.set_random_seed(seed)
    model = cnn(24, 16, 2, width=8)
    return model, train(model, known, ThesisSchedule(epochs=6, batch=8, rate=3e-3), seed)


@pytest.fixture(scope="module")
def trained() -> tuple[keras.Model, History]:
    return fitted(0, data())


def inputs() -> np.ndarray:
    own = data()
    return own.standard.apply(own.examples.windows(SPLIT.test))


def test_it_learns_what_can_be_learned(trained: tuple[keras.Model, History]) -> None:
    model, result = trained
    assert (logits(model, inputs()).argmax(axis=1) == SPLIT.test % 2).mean() > 0.9
    assert result.history["loss"][-1] < result.history["loss"][0]
    assert [len(column) for column in result.history.values()] == [6, 6, 6]


def test_the_seed_fixes_everything_and_the_test_part_has_no_say(trained: tuple[keras.Model, History]) -> None:
    model, result = trained
    own = data()
    truth = own.truth.copy()
    truth[SPLIT.test] = 1 - truth[SPLIT.test]
    again, repeated = fitted(0, Data(own.examples, own.standard, truth, SPLIT))
    np.testing.assert_allclose(logits(again, inputs()), logits(model, inputs()), atol=1e-3)
    np.testing.assert_allclose(repeated.history["validation_loss"], result.history["validation_loss"], atol=1e-3)
    assert repeated.best == result.best
    keras.utils.set_random_seed(1)
    other = cnn(24, 16, 2, width=8)
    train(other, own, ThesisSchedule(epochs=1, batch=8), 1)
    assert np.abs(other.get_weights()[0] - model.get_weights()[0]).max() > 0.01


def test_the_network_ends_with_its_best_epoch(trained: tuple[keras.Model, History]) -> None:
    model, result = trained
    own = data()
    held = own.standard.apply(own.examples.windows(SPLIT.validation))
    accuracy = (logits(model, held).argmax(axis=1) == SPLIT.validation % 2).mean()
    assert accuracy == pytest.approx(max(result.history["validation_accuracy"]), abs=1e-3)
    assert result.history["validation_accuracy"][result.best] == max(result.history["validation_accuracy"])


def test_the_quantized_network_answers_alike(trained: tuple[keras.Model, History]) -> None:
    model, _ = trained
    own = data()
    said = quantized_scorer(model, own.standard.apply(own.examples.windows(SPLIT.train)))(inputs())
    whole = logits(model, inputs())
    assert said.shape == whole.shape
    assert not np.array_equal(said, whole)
    assert np.abs(said - whole).max() < 0.1 * np.abs(whole).max()


def test_a_clip_is_judged_by_the_mean_log_probability_of_its_windows(trained: tuple[keras.Model, History]) -> None:
    model, _ = trained
    own = data()
    parts = [own.examples.windows(SPLIT.test, np.full(16, shift)) for shift in (-2, 3)]
    each = [np.log(softmax(logits(model, own.standard.apply(part)))) for part in parts]
    found = score_views(lambda windows: logits(model, windows), own.examples, own.standard, SPLIT.test, (-2, 3))
    np.testing.assert_allclose(found, (each[0] + each[1]) / 2, atol=1e-4)
