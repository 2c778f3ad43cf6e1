"""serd.scoring.score: clips scored as the daemon hears them."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import soxr

import serd
from serd.errors import UsageError
from serd.scoring.clip import clip_probabilities
from tests.support.speech import DEMO, EMOTIONS, ravdess, read

small = partial(serd.score, model="serd-small")


@pytest.fixture(scope="module")
def talk() -> np.ndarray:
    return read(DEMO)[: 8 * 16000]


def test_a_score_has_all_there_is_to_say(talk: np.ndarray):
    score = small(talk, 16000)
    assert score.duration_s == 8
    assert 0 < score.speech <= 1
    assert score.probabilities is not None
    assert score.label == max(score.probabilities, key=score.probabilities.__getitem__)
    assert sum(score.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert len(score.windows) == 32
    json.dumps(score.windows, allow_nan=False)


def test_silence_has_no_label_and_says_why():
    score = small(np.zeros(5 * 16000, np.float32), 16000)
    assert (score.label, score.state, score.reason, score.speech) == (None, "no-speech", "silence", 0)
    assert score.segments == []


def test_too_little_speech_is_said(talk: np.ndarray):
    onset = next(k for k, w in enumerate(small(talk, 16000).windows) if w["state"] != "no-speech")
    short = small(talk[: (onset + 1) * 4000 + 262], 16000)
    assert (short.label, short.state, short.reason) == (None, "uncertain", "little-speech")


def test_int16_and_float_and_stereo_score_alike(talk: np.ndarray):
    whole = np.round(talk * 32767).astype(np.int16)
    once = small(whole, 16000)
    assert small(whole.astype(np.float32) / 32768, 16000) == once
    assert small(np.stack([whole, whole], axis=1), 16000).label == once.label


def test_another_rate_scores_nearly_alike(talk: np.ndarray):
    once, other = (
        small(talk, 16000),
        small(soxr.resample(talk, 16000, 48000), 48000),
    )
    assert once.probabilities is not None
    assert other.probabilities is not None
    assert other.label == once.label
    assert max(abs(once.probabilities[k] - other.probabilities[k]) for k in EMOTIONS) < 0.1


def test_the_clip_is_the_mean_log_probability():
    windows = [np.array([0.8, 0.2]), np.array([0.5, 0.5])]
    clip = clip_probabilities(windows, [1, 1])
    assert clip is not None
    expected = np.sqrt([0.8 * 0.5, 0.2 * 0.5])
    np.testing.assert_allclose(clip, expected / expected.sum())
    assert clip_probabilities([], []) is None


def test_a_window_counts_by_its_weight():
    windows = [np.array([0.8, 0.2]), np.array([0.5, 0.5])]
    np.testing.assert_allclose(clip_probabilities(windows, [2, 0]), windows[0])
    thrice = clip_probabilities([windows[0]] * 3 + windows[1:], [1] * 4)
    np.testing.assert_allclose(clip_probabilities(windows, [3, 1]), thrice)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros((2, 2, 2)), np.array([0.0, np.nan]), np.zeros(9, np.int64)])
def test_what_is_no_sound_is_refused(samples: np.ndarray):
    with pytest.raises(UsageError, match="samples"):
        small(samples, 16000)


@pytest.mark.parametrize("sample", [np.nan, np.inf, -np.inf, 1e30])
def test_a_sample_that_is_no_number_or_an_absurd_one_is_refused(talk: np.ndarray, sample: float):
    with pytest.raises(UsageError, match="NaN, infinite or absurd"):
        small(np.append(talk, np.float32(sample)), 16000)


def test_channels_first_are_refused_with_the_remedy(talk: np.ndarray):
    with pytest.raises(UsageError, match="more channels than samples; transpose"):
        small(np.stack([talk, talk]), 16000)


@pytest.mark.parametrize("rate", [0, -1, 999, 768001, 16000.5, float("nan"), True, "a", None])
def test_a_rate_that_is_none_is_refused(talk: np.ndarray, rate: Any):
    with pytest.raises(UsageError, match=f"rate {rate!r}: give samples per second"):
        small(talk, rate)


@pytest.mark.parametrize("rate", [np.int64(16000), 16000.0])
def test_a_whole_rate_of_another_type_is_as_good(talk: np.ndarray, rate: Any):
    assert small(talk, rate) == small(talk, 16000)


def test_real_clips_are_scored_far_better_than_by_chance(corpora: Path):
    """24 clips that the shipped model may have heard in training: the path works; accuracy is the model card's."""
    clips = [(emotion, ravdess(corpora, actor, emotion)) for actor in (3, 8, 17) for emotion in EMOTIONS]
    right = sum(small(read(path), 16000).label == emotion for emotion, path in clips)
    assert right >= 12  # chance: 3


def test_a_file_scores_as_its_samples_do(run, talk: np.ndarray, tmp_path: Path):
    path = tmp_path / "talk.wav"
    soundfile.write(path, talk, 16000, subtype="FLOAT")
    done = run("score", "--json", path)
    assert done.returncode == 0, done.stderr
    line = json.loads(done.stdout)
    assert line["probabilities"] == small(talk, 16000).probabilities
    assert line["file"] == str(path)
    assert done.stderr == ""
