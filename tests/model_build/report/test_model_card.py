"""The card of a default model: what is there of it, and nothing else."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from model_build.evaluation import rows_file
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Row
from model_build.experiments.experiment import SCORED, Experiment
from model_build.experiments.recipe import SMALL
from model_build.experiments.record import write
from model_build.experiments.splits import parts
from model_build.report import model_card
from model_build.report.measure import measure_table
from model_build.report.model_card import card
from model_build.report.records import Records
from model_build.report.sections.model import measures
from model_build.studies.serd import STUDIES
from serd.errors import UsageError
from tests.support.judgements import EVERYONE, made, said

RUNS = [run for run in STUDIES["serd-small"].runs if run.protocol == "luna" and run.seed < 2]
ROWS = [
    Row("false emotions: noise", "9 h of ESC-10", 1.5, "per hour", "unseen", most=2.0),
    Row("speech missed, clean", "windows", 0.02, "share", "seen", 0.01, 0.04, most=0.03),
    Row("streaming: delay", "joined clips", 1.25, "s", "seen", most=1.5),
]


@pytest.fixture
def book(tmp_path: Path) -> Records:
    """Two trainings of each of Luna's folds."""
    for run in RUNS:
        tested = [EVERYONE[k] for k in parts(run, EVERYONE).test]
        write(tmp_path, made(run, {SCORED: said(tested, lambda _: 0.75)}))
    return Records.open(tmp_path)


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    """As `train --recipe serd-small` writes them."""
    run = Experiment(SMALL, "whole", seed=7)
    numbers = {"parameters": 1, "macs": 2, "bytes": 3, "train": 4, "epoch": 5, "temperature": 1.25}
    file = tmp_path / "serd-small.metrics.txt"
    file.write_text(json.dumps({"format": 1, "name": run.name, "recipe": run.document(), "numbers": numbers}))
    return file


def evaluated(folder: Path, *, quick: bool = False, model: str = "serd-small") -> Path:
    file = folder / "rows.txt"
    rows_file.write(file, ROWS, ModelUnderTest.open(model, folder), quick)
    return file


def test_it_has_the_report_s_own_rows(book: Records) -> None:
    text = str(card("serd-small", book, None, None))
    for line in measure_table(measures("serd-small", book)):
        assert line in text.splitlines()
    assert "The shipped file, `" not in text
    assert "with the shipped file itself" not in text


def test_it_counts_the_looks_at_outer_folds(book: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    text = str(card("serd-small", book, None, None))
    assert "- `study serd-small`, Luna-Jimenez' five folds: 10 of 15 trainings are done." in text
    assert "- `study serd-small`, EmoBox' six folds: 0 of 6 trainings are done." in text
    assert "- `study serd-tiny`, Luna-Jimenez' five folds: 0 of 5 trainings are done." in text
    assert "study levers" not in text
    for look in model_card.EARLIER:
        assert f"- Earlier looks, whose records are not kept: {look}." in text
    assert "other forms" not in text
    monkeypatch.setattr(model_card, "EARLIER", ("in May, with 80 epochs; nothing was changed after it",))
    assert "are not kept: in May, with 80 epochs; nothing" in str(card("serd-small", book, None, None))


def test_a_look_by_another_form_of_the_recipe_is_a_look_too(tmp_path: Path, metrics: Path) -> None:
    slower = dataclasses.replace(SMALL, schedule=dataclasses.replace(SMALL.schedule, rate=1e-5))
    for run in (Experiment(slower, "luna", 3, seed=4), Experiment(slower, "luna", 3, inner=True)):
        write(tmp_path, made(run, {}))
    text = str(card("serd-small", Records.open(tmp_path), metrics, None))
    assert "- By other forms of these recipes, not used here: 1 trainings." in text


def test_the_shipped_file_is_told_from_its_metrics(book: Records, metrics: Path) -> None:
    text = str(card("serd-small", book, metrics, None))
    assert f"## The shipped file, `serd-small/{SMALL.version}`" in text
    for line in ("| parameters | 1 |", "| MACs for one window | 2 |", "| bytes | 3 |", "| seed | 7 |"):
        assert line in text
    assert "| temperature | 1.25 |" in text


def test_metrics_alone_make_a_card(metrics: Path, tmp_path: Path) -> None:
    text = str(card("serd-small", Records.open(tmp_path), metrics, None))
    assert "Not run yet: `python -m model_build study serd-small --data DIR` does it." in text


def test_the_file_s_own_evaluation_is_told_of_noise_missed_speech_and_neutral_speech(
    book: Records, tmp_path: Path
) -> None:
    text = str(card("serd-small", book, None, evaluated(tmp_path)))
    assert "| false emotions: noise | 1.50 per hour | ≤ 2 | yes | unseen |" in text
    assert "| speech missed, clean | 2.0 % (1.0 to 4.0) | ≤ 3 | yes | seen |" in text
    assert "- false emotions: noise (unseen): 9 h of ESC-10." in text
    assert "streaming: delay" not in text, "the folds' models are asked for it, on speakers they have not heard"


def test_what_was_tried_is_told_of_the_targets_that_are_missed(book: Records, tmp_path: Path) -> None:
    text = str(card("serd-small", book, None, evaluated(tmp_path)))
    _, _, after = text.partition("## What was tried for the targets that it misses")
    missed = [own.name for own in measures("serd-small", book) if own.met is False]
    assert "UAR, 8 classes, unheard speakers, Luna's five folds" not in missed
    assert "UAR, 8 classes" not in after.partition("##")[0]
    poor = [Row("neutral speech: strayed emotions", "reading", 0.5, "share", "unseen", most=0.2)]
    file = tmp_path / "poor.txt"
    rows_file.write(file, poor, ModelUnderTest.open("serd-small", tmp_path), False)
    assert "- **neutral speech: strayed emotions**: plain reading" in str(card("serd-small", book, None, file))


def test_nothing_there_is_no_card(tmp_path: Path) -> None:
    assert card("serd-small", Records.open(tmp_path), None, None) is None


def test_what_answers_nothing_is_not_told(book: Records, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="made with --quick, no figures to report"):
        card("serd-small", book, None, evaluated(tmp_path, quick=True))
    with pytest.raises(UsageError, match=r"of thesis-cnn/.+, not of the installed serd-small; evaluate"):
        card("serd-small", book, None, evaluated(tmp_path, model="thesis-cnn"))
    broken = tmp_path / "broken.txt"
    broken.write_text("{}")
    with pytest.raises(UsageError, match=r"no metrics of a default model .+; train the model anew"):
        card("serd-small", book, broken, None)
