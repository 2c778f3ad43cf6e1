"""What a default model gets wrong follows from the predictions: made ones, whose mistakes are known."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from model_build.experiments.experiment import SCORED
from model_build.experiments.record import write
from model_build.experiments.splits import parts
from model_build.report.failures import failures
from model_build.report.records import Records
from model_build.studies.serd import STUDIES
from tests.support.judgements import EVERYONE, Share, crowd, made, said

SMALL = STUDIES["serd-small"].runs


def told(folder: Path, share: Share) -> list[str]:
    """Luna's folds, one seed, and a made EMO-DB of which so much is right."""
    for run in SMALL:
        if run.protocol == "luna" and run.seed == 0:
            tested = [EVERYONE[k] for k in parts(run, EVERYONE).test]
            write(folder, made(run, {SCORED: said(tested, share)}))
        if "emo-db" in run.others and run.seed == 0:
            write(folder, made(run, {"emo-db": said(crowd("emo-db", ("neutral", "happy", "sad", "angry")), share)}))
    return failures("serd-small", Records.open(folder))


def row(lines: Iterable[str], first: str) -> list[str]:
    (line,) = (own for own in lines if own.startswith(f"| {first}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_each_emotion_has_its_recall_by_gender_and_what_it_is_taken_for(tmp_path: Path) -> None:
    """Happy is right for women alone, and every wrong answer about it the label after it or one of the next."""
    lines = told(tmp_path, lambda own: 1.0 if own.emotion != "happy" or own.gender == "female" else 0.0)
    assert row(lines, "happy")[1].startswith("50.0 (")
    assert row(lines, "happy")[2:] == ["100.0", "0.0", "sad 12.5, angry 12.5"]
    assert row(lines, "sad")[1:4] == ["100.0 (100.0 to 100.0)", "100.0", "100.0"]


def test_intensities_are_told_apart(tmp_path: Path) -> None:
    lines = told(tmp_path, lambda own: 1.0 if own.intensity == "strong" else 0.5)
    (line,) = (own for own in lines if "intensity" in own)
    assert line.startswith("Recognition of strong emotion is better than that of normal intensity (+50.0 (")
    assert "UAR in percent: 100.0 (100.0 to 100.0) and 50.0 (50.0 to 50.0)" in line


def test_where_strong_emotions_are_no_clearer_that_is_said(tmp_path: Path) -> None:
    lines = told(tmp_path, lambda _: 0.5)
    assert any(own.startswith("No difference between recognition of strong emotion and that") for own in lines)


def test_abroad_the_commonest_answer_is_named(tmp_path: Path) -> None:
    """Of the sad a quarter is taken for angry, the rest for what is none of the four: there, neutral comes first."""
    lines = told(tmp_path, lambda own: 0.0 if own.emotion == "sad" else 1.0)
    assert row(lines, "EMO-DB (German, acted)")[1:4] == ["100.0", "100.0", "0.0"]
    assert row(lines, "EMO-DB (German, acted)")[-1] == "neutral/calm 43.8"
    assert not any(own.startswith("| nEMO") for own in lines), "nobody was asked"


def test_nothing_run_has_no_failures(tmp_path: Path) -> None:
    assert failures("serd-tiny", Records.open(tmp_path)) == []
