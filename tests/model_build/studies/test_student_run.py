"""model_build.studies.student_run and student_session: from noise bursts to a record, and from where it was."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from model_build.clips import features
from model_build.experiments.record import read, write
from model_build.experiments.student_experiment import StudentExperiment
from model_build.experiments.student_recipe import StudentRecipe, student
from model_build.studies.student_run import run_experiment
from model_build.training import student_session
from model_build.training.student_session import StudentSession
from tests.support.actors import TESTED

RECIPE = student("", (("ravdess-speech", 0.7), ("nemo", 0.3)), pitch=4).shortened
OWN = StudentExperiment(
    dataclasses.replace(RECIPE, base=dataclasses.replace(RECIPE.base, variant=(("width", 4), ("towers", 1)))),
    fold=1,
    others=("emo-db",),
)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    features.corpus_clips.cache_clear()
    yield
    features.corpus_clips.cache_clear()


def test_from_recordings_to_a_record(data: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    record = run_experiment(OWN, data, lines.append)
    again = read(write(tmp_path, record))
    assert again.key == OWN.key
    ways = ("", ", head", ", neutral", ", mixed")
    assert not again.answers
    assert set(again.tallies) == {f"{corpus}{way}" for corpus in ("ravdess-speech", "emo-db") for way in ways}
    assert set(again.tallies["ravdess-speech"].groups) == {f"ravdess-speech/{speaker}" for speaker in TESTED}
    for part, own in again.tallies.items():
        classes = 8 if part.startswith("ravdess-speech") else 4
        assert own.confusion.shape[2:] == (classes, classes), part
        assert own.total.sum() == again.tallies[part.split(",")[0]].total.sum() > 0, (
            "all ways are asked about all clips"
        )
    both = {f"{corpus}{way}" for corpus in ("ravdess-speech", "emo-db") for way in ways[:2]}
    assert set(again.numbers["activation"]) == both
    assert all(0 <= area <= 1 for area in again.numbers["activation"].values())
    assert not any(again.numbers["seconds"].values()), "all say one sentence, of which no reference is made"
    alone, mixed = (again.tallies[f"ravdess-speech, {way}"].confusion for way in ("head", "mixed"))
    assert np.array_equal(alone, mixed)
    assert len(again.history["loss"]) == 1
    assert any("learns from" in line for line in lines)
    lines.clear()
    once_more = run_experiment(OWN, data, lines.append)
    assert not lines, "the network is kept"
    assert np.array_equal(once_more.tallies["emo-db, mixed"].confusion, record.tallies["emo-db, mixed"].confusion)
    assert once_more.numbers["activation"] == record.numbers["activation"]


def test_the_teacher_s_word_is_what_a_taught_network_learns(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every clip is angry, says this teacher, and of one clip of plain speech nothing."""
    asked: list[str] = []

    def angry(_teacher, corpora, _data, **_):
        asked.extend(corpora)
        names = [(clip.utterance.corpus, clip.utterance.name) for clip in session.train]
        word = dict.fromkeys(names, np.eye(8, dtype=np.float32)[4])
        word.pop(next(name for name in names if name[0] == "librispeech"))
        return word

    monkeypatch.setattr(student_session, "teacher_labels", angry)
    schedule = dataclasses.replace(
        OWN.recipe.base.schedule,
        epochs=25,
        rate=0.02,
        average=0.5,
        shares=(("ravdess-speech", 0.8), ("librispeech", 0.2)),
    )
    base = dataclasses.replace(OWN.recipe.base, corpora=("ravdess-speech",), read=("librispeech",), schedule=schedule)
    taught = StudentRecipe(base, teacher=student("", (), taught=True).teacher, truth=0.0)
    lines: list[str] = []
    session = StudentSession(data, dataclasses.replace(OWN, recipe=taught), lines.append)
    told = session.windows(session.test).answers(session.network, _rules(taught))
    assert asked == ["ravdess-speech", "librispeech"]
    assert (told.probabilities(1.0).argmax(axis=1) == 4).mean() > 0.9
    plain = sum(clip.utterance.corpus == "librispeech" for clip in session.train)
    assert plain > 0
    assert f"learns from {len(session.train) - 1} clips" in lines[0], "what nothing is said of teaches nothing"


def _rules(recipe: StudentRecipe):
    from serd.inference.decision import Rules

    return Rules.make(recipe.base.thresholds)
