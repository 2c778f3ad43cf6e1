"""Many clips scored: the same on any number of processes, and none twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import serd as package
from model_build.clips.speech import load, recordings
from model_build.corpora import Utterance
from model_build.evaluation import scoring
from model_build.evaluation.condition import CLEAN, GAINS
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.scoring import listen
from model_build.evaluation.selection import stratified


@pytest.fixture
def subject(corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelUnderTest:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return ModelUnderTest.open("thesis-cnn", corpora)


@pytest.fixture
def clips(subject: ModelUnderTest) -> list[Utterance]:
    some = ("ravdess-speech", "emo-db")
    return [clip for corpus in some for clip in stratified(recordings(subject.data, corpus), 8)]


def count(monkeypatch: pytest.MonkeyPatch) -> list[Utterance]:
    """The clips that are scored from now on, as they are."""
    scored: list[Utterance] = []
    honest: Callable[[scoring.Task], list] = scoring.score

    def counting(task: scoring.Task) -> list:
        scored.extend(task.clips)
        return honest(task)

    monkeypatch.setattr(scoring, "score", counting)
    return scored


def test_replies_are_what_serd_score_says(subject: ModelUnderTest, clips: list[Utterance]) -> None:
    lines: list[str] = []
    found = listen(subject, [(CLEAN, clips)], lines.append)[CLEAN]
    assert list(found) == clips
    labels = subject.contract.labels
    for clip in clips[::4]:
        label = found[clip].label
        assert (None if label is None else labels[label]) == package.score(load(clip), 16000, model="thesis-cnn").label
    assert lines == ["16 of 16 clips scored"]


def test_nothing_is_scored_twice(
    subject: ModelUnderTest, clips: list[Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    scored = count(monkeypatch)
    first = listen(subject, [(CLEAN, clips[:12])], print)
    assert len(scored) == 12
    again = listen(subject, [(CLEAN, clips), (GAINS[0], clips[:1])], print)
    assert len(scored) == 12 + 4 + 1
    assert {clip: again[CLEAN][clip] for clip in clips[:12]} == first[CLEAN]


def test_an_interrupted_evaluation_goes_on(
    subject: ModelUnderTest, clips: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = listen(subject, [(CLEAN, clips)], print)
    (file,) = (tmp_path / "cache").rglob("emo-db-*.jsonl")
    data = file.read_bytes()
    file.write_bytes(data[:-200])  # in the midst of a line
    scored = count(monkeypatch)
    assert listen(subject, [(CLEAN, clips)], print) == whole
    assert len(scored) == 1
    assert listen(subject, [(CLEAN, clips)], print) == whole
    assert len(scored) == 1


def test_two_processes_say_the_same_as_one(
    subject: ModelUnderTest, clips: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "WORTH", 4)
    monkeypatch.setattr(scoring, "CHUNK", 4)
    one = listen(subject, [(CLEAN, clips)], print)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another"))
    assert listen(replace(subject, jobs=2), [(CLEAN, clips)], print) == one
    assert list((tmp_path / "another").rglob("*.jsonl"))


def test_a_damaged_recording_is_named_and_left_out(
    subject: ModelUnderTest, tmp_path: Path, clips: list[Utterance]
) -> None:
    broken = replace(clips[0], path=tmp_path / "broken.wav", name="broken")
    broken.path.write_bytes(b"RIFF")
    lines: list[str] = []
    found = listen(subject, [(CLEAN, [broken, clips[1]])], lines.append)[CLEAN]
    assert list(found) == [clips[1]]
    assert "broken.wav" in lines[0]
    assert "not used" in lines[0]


def test_another_model_is_another_place(subject: ModelUnderTest, tmp_path: Path, clips: list[Utterance]) -> None:
    copy = tmp_path / "copy.tflite"
    data = bytearray((Path(package.__file__).parent / "models" / "thesis-cnn.tflite").read_bytes())
    copy.write_bytes(data)
    listen(subject, [(CLEAN, clips[:1])], print)
    listen(replace(subject, model=str(copy)), [(CLEAN, clips[:1])], print)
    assert len(list((tmp_path / "cache").rglob("*.jsonl"))) == 1  # the same bytes by another name
    copy.write_bytes(data + b"\0")
    listen(replace(subject, model=str(copy)), [(CLEAN, clips[:1])], print)
    assert len(list((tmp_path / "cache").rglob("*.jsonl"))) == 2
