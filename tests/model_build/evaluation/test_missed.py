"""Speech that the detector misses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model_build.clips.speech import active, load, recordings
from model_build.corpora import Utterance
from model_build.detector.cascade import SpeechStream
from model_build.detector.cascade import missed_speech as counted
from model_build.evaluation.clip_result import ClipResult, clip_result
from model_build.evaluation.condition import CLEAN
from model_build.evaluation.missed import count, missed_rows
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.selection import Part
from model_build.statistics.predictions import FOUR
from serd.scoring.score import make_pipeline


@pytest.fixture(scope="module")
def clips(corpora: Path) -> list[Utterance]:
    """One by an actor whom the detector has heard, one by another, and others' again."""
    every = recordings(corpora, "ravdess-speech")
    speakers = ("01", "02", "03", "05")
    return [next(clip for clip in every if clip.speaker == speaker) for speaker in speakers]


@pytest.fixture(scope="module")
def replies(clips: list[Utterance]) -> dict[Utterance, ClipResult]:
    return {clip: clip_result(load(clip), make_pipeline("thesis-cnn")) for clip in clips}


def test_the_detector_hears_actors(clips: list[Utterance], replies: dict[Utterance, ClipResult]) -> None:
    found = [count(clip, replies[clip], 3.0, 0.75) for clip in clips]
    assert all(of > 0 for _, of in found)
    assert sum(hits for hits, _ in found) == 0


def test_who_is_never_asked_misses_all(clips: list[Utterance], replies: dict[Utterance, ClipResult]) -> None:
    clip = clips[0]
    deaf = replace(replies[clip], asked=(False,) * len(replies[clip].asked))
    hits, of = count(clip, deaf, 3.0, 0.75)
    assert hits == of > 0


def test_it_counts_the_windows_that_the_detector_s_own_evaluation_counts(
    clips: list[Utterance], replies: dict[Utterance, ClipResult]
) -> None:
    clip = clips[0]
    strides = len(replies[clip].ends)
    mask = active(load(clip))
    stream = SpeechStream(load(clip), np.pad(mask, (0, strides * 4000 - len(mask))))
    pipeline = make_pipeline("thesis-cnn")
    there = counted(stream, np.ones(strides), pipeline.rules)["of_windows"]
    assert abs(count(clip, replies[clip], 3.0, pipeline.rules.speech_min_s)[1] - there) <= 1  # the STFT's overlap


def test_rows_are_by_whom_the_detector_has_heard(
    corpora: Path, clips: list[Utterance], replies: dict[Utterance, ClipResult]
) -> None:
    part = Part("ravdess-speech", "seen", FOUR, tuple(clips))
    found = list(missed_rows(ModelUnderTest.open("thesis-cnn", corpora), [part], replies, CLEAN, 0.03))
    assert [(row.name, row.heard, row.value) for row in found] == [
        ("speech missed, clean", "unseen", 0),
        ("speech missed, clean", "seen", 0),
    ]
    assert all(row.count > 0 and row.met and row.detail == {"ravdess-speech": 0} for row in found)
