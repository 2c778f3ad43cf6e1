"""Whether a second version replaces the first follows from the records: made ones, whose statistics are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_build.corpora import Utterance
from model_build.experiments.experiment import SCORED, Experiment
from model_build.experiments.record import write
from model_build.experiments.splits import LUNA
from model_build.report.records import Records
from model_build.report.sections.second import section
from model_build.studies.serd import STUDIES
from tests.support.judgements import EVERYONE, crowd, made, said

SECOND, FIRST = (
    [run for run in STUDIES[name].runs if isinstance(run, Experiment) and run.protocol in ("luna", "whole")]
    for name in ("second", "serd-small")
)

FOLDS = [run for run in SECOND if run.protocol == "luna"]

# Half right is 56.25 % in four classes: wrong answers go round eight labels, and some are right without the other four.


def keep(folder: Path, runs: list[Experiment], home: float, abroad: float) -> None:
    for run in runs:
        parts: dict[str, tuple[list[Utterance], float]] = {
            corpus: (crowd(corpus, ("neutral", "happy", "sad", "angry")), abroad) for corpus in run.others
        }
        if run.protocol == "luna":
            parts[SCORED] = ([own for own in EVERYONE if own.speaker in LUNA[(run.fold or 1) - 1]], home)
        write(folder / "serd", made(run, {part: said(clips, lambda _, s=s: s) for part, (clips, s) in parts.items()}))


@pytest.mark.parametrize(
    ("home", "abroad", "answer"),
    [
        (0.5, 0.75, "Yes: 2.0 has +18.8 (+18.8 to +18.8) points abroad and +0.0 (+0.0 to +0.0) points on RAVDESS."),
        (0.25, 0.75, "Not by the mark: 2.0 has +18.8"),
        (0.75, 0.5, "Not by the mark: 2.0 has +0.0"),
    ],
)
def test_it_replaces_the_first_by_the_mark_alone(tmp_path: Path, home: float, abroad: float, answer: str) -> None:
    keep(tmp_path, FIRST, 0.5, 0.5)
    keep(tmp_path, SECOND, home, abroad)
    told = section(Records.open(tmp_path))
    assert told.answer.startswith(answer)
    assert told.answer.endswith("takes the place of 1.1." if answer.startswith("Yes") else "does not replace 1.1.")
    assert sum(line.startswith("| ") for line in told.body) == 1 + 1 + 4 + 1


def test_folds_are_set_against_their_own_as_they_come(tmp_path: Path) -> None:
    keep(tmp_path, FIRST, 0.5, 0.5)
    assert section(Records.open(tmp_path)).answer.startswith("Not run yet")
    keep(tmp_path, FOLDS[:1], 0.75, 0.5)
    told = section(Records.open(tmp_path))
    assert told.answer.startswith("So far 2.0 has +2")
    assert told.answer.endswith("on RAVDESS; 1 of 7 runs are done.")


@pytest.mark.parametrize(
    ("abroad", "answer"),
    [
        (0.75, "So far 2.0 has +18.8 (+18.8 to +18.8) points abroad; 2 of 7 runs are done."),
        (
            0.5,
            "Not by the mark: 2.0 has +0.0 (+0.0 to +0.0) points abroad. It does not replace 1.1. "
            "5 of 7 runs are not done, which cannot change that.",
        ),
    ],
)
def test_what_falls_short_abroad_needs_no_folds(tmp_path: Path, abroad: float, answer: str) -> None:
    keep(tmp_path, FIRST, 0.5, 0.5)
    keep(tmp_path, [run for run in SECOND if run not in FOLDS], 0.5, abroad)
    assert section(Records.open(tmp_path)).answer == answer
