"""What is done to clips: exactly what its name says, and the same each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_build.clips.speech import active, level, load, recordings
from model_build.corpora import Utterance
from model_build.evaluation.condition import APART, CHANNELS, CLEAN, GAINS, Condition, noisy
from model_build.evaluation.model_under_test import ModelUnderTest

CLIP = Utterance(Path("x.wav"), "x", "ravdess-speech", "01")


@pytest.fixture
def tone() -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)).astype(np.float32)


@pytest.fixture
def hiss(tmp_path: Path) -> Utterance:
    path = tmp_path / "hiss.wav"
    soundfile.write(path, np.random.default_rng(1).normal(0, 0.1, 8000), 16000)
    return Utterance(path, "hiss", "esc-10", "1", sound="rain", fold="5")


def test_a_gain_is_a_gain_and_clips_nothing(tone: np.ndarray) -> None:
    for condition in GAINS:
        np.testing.assert_allclose(condition.apply(CLIP, tone), tone * 10 ** (condition.db / 20), rtol=1e-6)
    assert np.abs(GAINS[-1].apply(CLIP, tone)).max() > 1
    np.testing.assert_array_equal(CLEAN.apply(CLIP, tone), tone)


def test_what_loses_something_loses_just_that(tone: np.ndarray) -> None:
    coarse, cut = (condition.apply(CLIP, tone) for condition in APART)
    np.testing.assert_array_equal(coarse * 32768, np.rint(coarse * 32768))
    np.testing.assert_allclose(coarse, tone * 10 ** (-30 / 20), atol=0.6 / 32768)
    assert np.abs(cut).max() == 1


@pytest.mark.parametrize("db", [20.0, 5.0])
def test_the_ratio_is_that_of_active_speech_to_noise(db: float, tone: np.ndarray, hiss: Utterance) -> None:
    spoken = np.concatenate([np.zeros(16000, np.float32), tone])
    added = Condition("noise", db, (hiss,)).apply(CLIP, spoken) - spoken
    rms = np.sqrt(np.mean(np.square(added, dtype=np.float64)))
    assert 20 * np.log10(level(spoken, active(spoken)) / rms) == pytest.approx(db, abs=0.01)


def test_all_ratios_hear_the_same_noise(tone: np.ndarray, hiss: Utterance) -> None:
    loud, soft = (Condition("noise", db, (hiss,)).apply(CLIP, tone) - tone for db in (0.0, 20.0))
    np.testing.assert_allclose(loud, 10 * soft, atol=1e-4)


@pytest.mark.parametrize("condition", CHANNELS, ids=lambda condition: condition.name)
def test_a_channel_is_the_same_each_time_and_keeps_the_length(condition: Condition, tone: np.ndarray) -> None:
    once = condition.apply(CLIP, tone)
    np.testing.assert_array_equal(once, condition.apply(CLIP, tone))
    assert (len(once), once.dtype) == (len(tone), np.float32)


def test_each_clip_stands_in_a_room_of_its_own(tone: np.ndarray) -> None:
    other = Utterance(Path("y.wav"), "y", "ravdess-speech", "01")
    room = CHANNELS[0]
    assert np.abs(room.apply(CLIP, tone) - room.apply(other, tone)).max() > 0.01


def test_a_telephone_ends_at_3400_hz(tone: np.ndarray) -> None:
    high = (np.sin(2 * np.pi * 5000 * np.arange(16000) / 16000)).astype(np.float32)
    assert np.abs(CHANNELS[1].apply(CLIP, high)[1000:-1000]).max() < 0.01
    np.testing.assert_allclose(CHANNELS[1].apply(CLIP, tone)[1000:-1000], tone[1000:-1000], atol=0.02)


def test_no_two_conditions_share_a_file(hiss: Utterance) -> None:
    every = [CLEAN, *GAINS, *APART, *CHANNELS, Condition("noise", 5.0, (hiss,)), Condition("noise", 5.0)]
    assert len({condition.key for condition in every}) == len(every)
    assert [condition.name for condition in every[:2]] == ["clean", "gain -20 dB"]


def test_noise_is_of_the_fold_that_nobody_trained_on_without_babies(corpora: Path) -> None:
    conditions = noisy(ModelUnderTest.open("thesis-cnn", corpora))
    assert [condition.db for condition in conditions] == [20, 10, 5]
    noises = conditions[0].noises
    assert {noise.fold for noise in noises} == {"5"}
    sounds = {u.sound for u in recordings(corpora, "esc-10")}
    assert sounds - {noise.sound for noise in noises} == {"baby cry"}
    assert len(load(noises[0])) > 16000
