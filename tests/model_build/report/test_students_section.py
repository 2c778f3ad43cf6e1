"""Whether the mark for a second version is reached follows from the records: made ones, whose statistics are known."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from model_build.corpora import Utterance
from model_build.experiments.record import write
from model_build.experiments.splits import parts
from model_build.experiments.student_experiment import StudentExperiment
from model_build.report.records import Records
from model_build.report.sections.students import candidates, section
from model_build.studies.serd_student import RECIPES, STUDIES
from model_build.studies.student_run import HEAD, HISTORIES
from tests.support.judgements import EVERYONE, crowd, made, said

RUNS = STUDIES["students"].runs
WAYS = ("", *(f", {way}" for way in (HEAD, *HISTORIES)))


def clips(run: StudentExperiment, corpus: str) -> list[Utterance]:
    if corpus == "ravdess-speech":
        return [EVERYONE[k] for k in parts(run.base, EVERYONE).test]
    return crowd(corpus, ("neutral", "happy", "sad", "angry"))


def keep(folder: Path, shares: Mapping[str, tuple[float, float]], runs=RUNS) -> Records:
    """Records of runs whose networks, and heads, are so often right at home and abroad, by note; else half."""
    for run in runs:
        home, abroad = shares.get(run.recipe.note, (0.5, 0.5))
        answers = {
            f"{corpus}{way}": said(clips(run, corpus), lambda _, s=home if corpus == "ravdess-speech" else abroad: s)
            for corpus in ("ravdess-speech", *run.others)
            for way in WAYS
        }
        record = made(run, answers)  # type: ignore[arg-type]
        high = {
            part: [500 + 400 * (k % 2) for k in range(len(own.clip))]
            for part, own in answers.items()
            if part.endswith(HEAD)
        }
        write(folder / "serd", dataclasses.replace(record, numbers=record.numbers | {"activation": high}))
    return Records.open(folder)


def test_what_is_better_on_all_speakers_reaches_the_mark_by_both_intervals(tmp_path: Path) -> None:
    book = keep(tmp_path, {"pitch": (0.5, 0.75), "taught": (0.25, 0.75), "emo-db": (0.75, 0.5)})
    every = {(own.name, own.asked): own for own in candidates(book)}
    assert len(every) == len(RECIPES) * len(WAYS)
    reached = {key: own.reached for key, own in every.items()}
    assert reached["pitch", "the network"] == "by both intervals"
    assert {reached[name, "the network"] for name in ("taught", "emo-db", "together")} == {"no"}
    assert reached["nothing: as it is", "the network"] == ""
    answer = section(book).answer
    assert "reached by both intervals by 4 of 19 ways; by the network alone with pitch (+18.8 (+18.8" in answer


def test_a_corpus_that_trains_is_not_among_those_never_heard(tmp_path: Path) -> None:
    book = keep(tmp_path, {})
    (row,) = (line for line in section(book).body if line.startswith("| emo-db | the network") and "trains" in line)
    assert row.endswith("| trains |")
    every = {(own.name, own.asked): own for own in candidates(book)}
    assert every["emo-db", "the network"].abroad_apart is not None


def test_when_nothing_helps_the_most_is_named(tmp_path: Path) -> None:
    book = keep(tmp_path, {"pitch": (0.0, 1.0)})
    answer = section(book).answer
    assert answer.startswith("None of 19 ways reaches the mark for a second version. Most is gained abroad with pitch")


def test_folds_that_both_have_done_are_set_against_each_other(tmp_path: Path) -> None:
    runs = [run for run in RUNS if run.fold == 1 or not run.recipe.note]
    every = candidates(keep(tmp_path, {}, runs))
    assert {own.home_apart.value for own in every if own.home_apart} == {0.0}
    assert any("Only 6 of 10 runs of `students` are done" in line for line in section(Records.open(tmp_path)).body)
