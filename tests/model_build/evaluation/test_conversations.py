"""Clips joined to a conversation with a known time line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.clips.speech import RATE, STRIDE, load, recordings
from model_build.corpora import Utterance
from model_build.evaluation.conversations import NOISE_DB, PAUSES_S, ROOM_DB, Conversation, conversation

COUNT = 6


@pytest.fixture(scope="module")
def clips(corpora: Path) -> list[Utterance]:
    return list(recordings(corpora, "ravdess-speech")[100 : 100 + COUNT])


@pytest.fixture(scope="module")
def made(clips: list[Utterance]) -> Conversation:
    return conversation(np.random.default_rng(1), clips)


def db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-20))


def between(made: Conversation, start_s: float, end_s: float) -> np.ndarray:
    return made.samples[round(start_s * RATE) : round(end_s * RATE)]


def test_the_time_line_says_who_speaks_when(made: Conversation, clips: list[Utterance]) -> None:
    assert [(one.name, one.speaker, one.emotion) for one in made.turns] == [
        (clip.name, clip.speaker, clip.emotion) for clip in clips
    ]
    before = 0.0
    for one in made.turns:
        assert before <= one.onset_s < one.end_s <= one.until_s
        assert 0.5 < one.speech_s < 4
        before = one.until_s
    assert made.samples.dtype == np.float32
    assert len(made.samples) % STRIDE == 0
    assert len(made.samples) / RATE == pytest.approx(before, abs=0.25)


def test_speech_is_loud_and_pauses_are_not(made: Conversation, clips: list[Utterance]) -> None:
    for one, clip in zip(made.turns, clips, strict=True):
        alone = load(clip)
        speech = db(between(made, one.onset_s, one.end_s))
        assert speech == pytest.approx(db(alone) + 10 * np.log10(len(alone) / RATE / one.speech_s), abs=0.5)
        assert db(between(made, one.until_s - PAUSES_S[0], one.until_s)) < speech - 25


def test_pauses_lie_within_their_bounds(made: Conversation, clips: list[Utterance]) -> None:
    starts = [made.turns[k].until_s for k in range(COUNT - 1)]
    ends = [made.turns[k].until_s for k in range(1, COUNT)]
    for clip, start, end in zip(clips[1:], starts, ends, strict=True):
        assert PAUSES_S[0] <= end - start - len(load(clip)) / RATE <= PAUSES_S[1]


def test_noise_lies_below_the_speech(clips: list[Utterance]) -> None:
    noises = [np.random.default_rng(2).normal(0, 0.3, 3 * RATE).astype(np.float32)]
    made = conversation(np.random.default_rng(1), clips, noises)
    median = float(np.median([db(between(made, one.onset_s, one.end_s)) for one in made.turns]))
    for one in made.turns:
        pause = db(between(made, one.until_s - PAUSES_S[0], one.until_s)) - median
        assert NOISE_DB[0] - 1 < pause < NOISE_DB[1] + 1
    assert NOISE_DB[0] > ROOM_DB


def test_the_same_seed_gives_the_same_scene(made: Conversation, clips: list[Utterance]) -> None:
    again, other = conversation(np.random.default_rng(1), clips), conversation(np.random.default_rng(2), clips)
    assert np.array_equal(made.samples, again.samples)
    assert made.turns == again.turns
    assert made.turns != other.turns
