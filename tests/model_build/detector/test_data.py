"""What training and measuring the detector share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model_build.clips import speech
from model_build.corpora import CORPORA
from model_build.detector import data

RATE = speech.RATE


def noise(seconds: float, db: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (10 ** (db / 20) * rng.standard_normal(round(seconds * RATE))).astype(np.float32)


def test_room_tone_between_words_is_no_speech_though_it_is_not_far_below_them() -> None:
    mask = speech.active(np.concatenate([noise(1, -50), noise(1, -22), noise(1, -50)]))
    assert mask.shape == (3 * RATE,)
    assert not mask[: int(0.98 * RATE)].any()
    assert mask[RATE : 2 * RATE].all()
    assert not mask[int(2.02 * RATE) :].any()


def test_a_clip_that_speaks_throughout_is_speech_throughout() -> None:
    assert speech.active(noise(2, -20)).mean() > 0.99


def test_a_click_is_no_word() -> None:
    samples = noise(2, -80)
    samples[RATE : RATE + 1600] += noise(0.1, -20)
    samples[RATE // 2 : RATE // 2 + 200] += noise(200 / RATE, -20)
    mask = speech.active(samples)
    assert mask[RATE : RATE + 1600].all()
    assert not mask[: int(0.9 * RATE)].any()


@given(st.integers(0, 500))
def test_any_length_has_one_answer_for_each_sample(length: int) -> None:
    assert speech.active(np.full(length, 0.1, np.float32)).shape == (length,)


@given(st.lists(st.booleans(), max_size=60))
def test_runs_are_where_it_is_true(on: list[bool]) -> None:
    again = np.zeros(len(on), bool)
    for start, end in speech.runs(np.array(on, bool)):
        assert end > start
        again[start:end] = True
    assert again.tolist() == on


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_recent_speech_counts_the_last_half_second(blocks: list[bool]) -> None:
    mask = np.repeat(np.array(blocks), speech.STRIDE // 2)
    strides = len(mask) // speech.STRIDE
    for k, seconds in enumerate(speech.recent_speech(mask, strides)):
        end = (k + 1) * speech.STRIDE
        assert seconds == np.float32(mask[max(0, end - speech.RECENT) : end].sum() / RATE)


def test_windows_are_those_that_a_stream_gives() -> None:
    front_end = data.FRONT_END
    samples = noise(4, -20) * np.linspace(0, 1, 4 * RATE, dtype=np.float32)
    seen = data.windows(front_end, front_end.log_rows(samples))
    for k in (0, 3, len(seen) - 1):
        heard = samples[: (k + 1) * speech.STRIDE + front_end.stft.overlap]
        expected = front_end.scale(front_end.log_rows(heard))
        np.testing.assert_allclose(seen[k] / 255, expected, atol=0.5 / 255 + 1e-6)


def test_who_tests_is_there_and_is_nobody_who_chooses_thresholds(corpora: Path) -> None:
    for corpus in ("ravdess-speech", "nemo", "librispeech"):
        family = corpus.split("-")[0]
        speakers = {utterance.speaker for utterance in CORPORA[corpus].read(CORPORA[corpus].folder(corpora))}
        test, inner = set(data.TEST_SPEAKERS[family]), set(data.INNER_SPEAKERS[family])
        assert test | inner < speakers
        assert not test & inner
