"""Conversation as the daemon hears it. A letter is a frame of a quarter of a second; see published.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from model_build.clips.speech import recordings
from model_build.evaluation import streaming
from model_build.evaluation.alignment import align
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Row
from model_build.evaluation.trial import Trial
from tests.support.published import published, said


@pytest.fixture(scope="module")
def trial() -> Trial:
    """Three clips of two seconds by two speakers: one right, one late and restless, one never."""
    line = [
        said("happy", 1, 3, 4, speaker="01"),
        said("sad", 5, 7, 8, speaker="02"),
        said("sad", 9, 11, 12, speaker="02"),
    ]
    heard = published("....??hhhhhh...." + "....hhhsssss...." + "...." + "????????....")
    return Trial(("happy", "sad"), tuple(align(line, heard)), ("happy", "sad", None), "unseen", "on paper")


def test_delay_is_a_median_with_misses_as_long_as_the_speech(trial: Trial) -> None:
    row = streaming.delay(trial)
    assert row.value == pytest.approx(1.0)  # of 0.75, 1.0 and 2.0 (never)
    assert row.met
    assert row.detail["never"] == pytest.approx(1 / 3)
    assert row.detail["median where found"] == pytest.approx(0.875)
    assert (row.low, row.high) == (pytest.approx(0.75), pytest.approx(1.5))
    assert (row.heard, row.count, row.unit) == ("unseen", 3, "s")
    assert row.protocol.endswith("; on paper")


def test_changes_are_per_minute_of_speech(trial: Trial) -> None:
    row = streaming.changes(trial)
    assert row.value == pytest.approx(10)  # one in six seconds
    assert not row.met
    assert row.detail == {"clips with a change": pytest.approx(1 / 3), "clips with a label": pytest.approx(2 / 3)}


def test_recall_is_the_mean_over_classes_and_held_against_the_clips(trial: Trial) -> None:
    row = streaming.recall(trial)
    assert row.value == pytest.approx(0.75)  # happy 1 of 1, sad 1 of 2
    assert row.detail["clip UAR"] == pytest.approx(0.75)
    assert row.detail["less clip UAR"] == pytest.approx(0)
    assert (row.detail["happy"], row.detail["sad"]) == (1, 0.5)
    assert row.least == pytest.approx(0.70)
    better = replace(trial, answers=("happy", "sad", "sad"))
    assert streaming.recall(better).detail["less clip UAR"] == pytest.approx(-0.25)
    assert not streaming.recall(better).met


def test_uncertain_is_a_share_of_the_frames_about_speech(trial: Trial) -> None:
    row = streaming.uncertain(trial)
    assert row.value == pytest.approx(10 / 24)
    assert row.detail["emotion"] == pytest.approx(14 / 24)
    assert row.detail["uncertain: little-speech"] == pytest.approx(10 / 24)
    assert not row.met


@pytest.fixture(scope="module")
def found(corpora: Path) -> dict[str, Row]:
    """Every row of a quick run."""
    return {
        row.name: row for row in streaming.rows(ModelUnderTest.open("thesis-cnn", corpora), lambda _: None, quick=True)
    }


def test_real_speech_has_every_row(found: dict[str, Row]) -> None:
    assert list(found) == [
        "streaming: delay",
        "streaming: label changes",
        "streaming: segment recall",
        "streaming: uncertain",
    ]
    for row in found.values():
        assert row.heard == "seen"
        assert row.count == streaming.QUICK
        assert row.low is not None
        assert row.high is not None
        assert row.low <= row.value <= row.high
    delay = found["streaming: delay"]
    assert 0.5 < delay.value <= delay.detail["median length of speech"] + 0.5
    assert 0.5 < found["streaming: segment recall"].detail["clip UAR"] < 1


def test_clips_of_one_s_choice_are_followed(corpora: Path) -> None:
    clips = recordings(corpora, "ravdess-speech")[:3]
    trial = streaming.hear(ModelUnderTest.open("thesis-cnn", corpora), clips, lambda _: None)
    assert sorted(one.turn.name for one in trial.followed) == [clip.name for clip in clips]
    assert len(trial.answers) == 3
    assert len(streaming.hear(ModelUnderTest.open("thesis-cnn", corpora), clips, lambda _: None, most=2).followed) == 2


def test_actors_that_the_model_has_not_heard_are_preferred(corpora: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", corpora)
    actors = tuple(f"{actor:02}" for actor in range(3, 25))
    held_out = replace(subject, contract=replace(subject.contract, trained_on={"ravdess-song": actors}))
    row = next(streaming.rows(held_out, lambda _: None, quick=True))
    assert row.heard == "unseen"
    assert "by 2 actors (to the speech detector: mixed)" in row.protocol


def test_the_figures_do_not_depend_on_the_processes(corpora: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "QUICK", 4)
    monkeypatch.setattr(streaming, "CLIPS", 2)
    subject = ModelUnderTest.open("thesis-cnn", corpora)
    alone = list(streaming.rows(subject, lambda _: None, quick=True))
    assert alone == list(streaming.rows(replace(subject, jobs=2), lambda _: None, quick=True))
