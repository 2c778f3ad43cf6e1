"""The shipped speech detector, and how it is trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.clips.speech import STRIDE
from model_build.clips.streams import made_streams, noise_streams
from model_build.detector import network as detector
from model_build.detector.baselines import Network
from model_build.detector.cascade import FalseSpeech, missed_speech, run_cascade, speech_stream
from model_build.detector.data import INNER_SPEAKERS, TEST_FOLD, TEST_SPEAKERS
from model_build.detector.tables import Sounds
from serd.inference.contract import Quantization
from serd.inference.decision import Rules
from serd.inference.model import FOLDER, Model, load


@pytest.fixture(scope="module")
def model() -> Model:
    return load("speech", "speech")


@pytest.fixture(scope="module")
def rules(model: Model) -> Rules:
    return Rules.make(model.contract.thresholds)


@pytest.fixture(scope="module")
def sounds(corpora: Path) -> Sounds:
    return Sounds(corpora, 15)


def test_it_is_small_and_says_what_it_answers(model: Model) -> None:
    assert (FOLDER / "speech.tflite").stat().st_size <= 100_000
    assert model.contract.labels == ("noise", "speech")
    assert model.contract.thresholds.keys() == detector.THRESHOLDS.keys()
    assert STRIDE % model.contract.front_end.row_hop == 0


def test_it_never_heard_who_tests_it(model: Model) -> None:
    heard = model.contract.trained_on
    for corpus, speakers in heard.items():
        assert not set(speakers) & set(TEST_SPEAKERS.get(corpus.split("-")[0], ()))
    assert str(TEST_FOLD) not in heard["esc-10"]
    assert not heard.keys() & {"emo-db", "urdu", "ased"}


def test_steady_sounds_are_no_speech_at_any_gain(model: Model, rules: Rules) -> None:
    network = Network("", model)
    for name, samples in made_streams(np.random.default_rng(1), 20):
        assert not run_cascade(network.speech(samples), rules).speaking.any(), name


@pytest.mark.parametrize("corpus", ["ravdess-speech", "nemo", "librispeech", "emo-db"])
def test_it_hears_voices_that_it_did_not_train_on(model: Model, rules: Rules, sounds: Sounds, corpus: str) -> None:
    speakers = TEST_SPEAKERS.get(corpus.split("-", maxsplit=1)[0]) if corpus in model.contract.trained_on else None
    stream = speech_stream(np.random.default_rng(0), sounds.speech(corpus, speakers))
    found = missed_speech(stream, Network("", model).speech(stream.samples), rules)
    assert found["of_windows"] > 50
    assert found["windows"] <= 0.03
    assert found["pauses"] <= 0.05
    assert found["delay_s"] <= 1.5


def test_gain_changes_no_answer(model: Model, rules: Rules, sounds: Sounds) -> None:
    stream = speech_stream(np.random.default_rng(0), sounds.speech("nemo", TEST_SPEAKERS["nemo"])[:8])
    network = Network("", model)
    at_once = run_cascade(network.speech(stream.samples), rules).speaking
    for gain in (0.1, 0.5):
        softer = run_cascade(network.speech((gain * stream.samples).astype(np.float32)), rules).speaking
        assert (softer != at_once).mean() <= 0.02


def test_noises_of_a_fold_not_trained_on_seldom_open_the_gate(model: Model, rules: Rules, sounds: Sounds) -> None:
    alarms = FalseSpeech()
    for name, samples in noise_streams(np.random.default_rng(0), sounds.fold(TEST_FOLD)):
        if name == "noise":
            alarms.add(Network("", model).speech(samples), rules)
    assert alarms.figures()["open"] <= 0.02


def test_the_inner_run_leaves_out_who_chooses_thresholds(corpora: Path) -> None:
    edge = Quantization(1 / 255, -128)
    contract = detector.contract_of(detector.RUNS["inner"], corpora, edge, edge)
    for corpus, speakers in contract.trained_on.items():
        if corpus != "esc-10":
            family = corpus.split("-")[0]
            assert not set(speakers) & (set(INNER_SPEAKERS[family]) | set(TEST_SPEAKERS[family]))
    assert contract.trained_on["esc-10"] == ("1", "2", "3")


def test_every_fold_of_noise_is_left_out_by_one_run() -> None:
    assert sorted(run.folds[0] for run in detector.RUNS.values() if not run.inner) == [1, 2, 3, 4, 5]


def test_training_learns_what_tells_two_kinds_of_windows_apart() -> None:
    from model_build.detector.scenes import Scenes

    rng = np.random.default_rng(0)
    rows, bands = detector.FRONT_END.rows, detector.FRONT_END.bands.count
    y = (np.arange(64) % 2).astype(np.float32)
    x = rng.integers(0, 60, (64, rows, bands)).astype(np.uint8)
    x[y == 1, -16:, 5:20] = 250  # loud of late, in some bands
    none = np.zeros(64, bool)
    made = detector.train(Scenes(x, y, np.ones(64, np.int8), none, none), epochs=30, seed=0, batch=4)
    logits = np.asarray(made(x[..., np.newaxis].astype(np.float32) / 255, training=False))
    assert ((logits[:, 1] > logits[:, 0]) == y).mean() > 0.9
