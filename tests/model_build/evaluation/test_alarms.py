"""Emotions announced where nobody speaks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from model_build.evaluation.alarms import Alarms, count_alarms, rows, total
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Row
from tests.support.published import published


def test_segments_and_frames_are_counted() -> None:
    found = count_alarms(published("..?Hhh..ss"))
    assert (found.segments, found.frames, found.spoken, found.emotional) == (2, 10, 6, 4)
    assert found.per_hour == pytest.approx(2 / (2.5 / 3600))


def test_kinds_are_summed_over_streams() -> None:
    quiet, loud = count_alarms(published("....")), count_alarms(published("hhhh"))
    found = total([{"noise": quiet}, {"noise": loud, "hum": quiet}])
    assert found["noise"] == quiet + loud
    assert found["noise"].segments == 1
    assert found["noise"].frames == 8
    assert found["hum"].per_hour == 0


def test_of_nothing_there_is_no_rate() -> None:
    assert Alarms().per_hour != Alarms().per_hour


@pytest.fixture(scope="module")
def found(corpora: Path) -> dict[str, Row]:
    """Every row of a quick run."""
    return {row.name: row for row in rows(ModelUnderTest.open("thesis-cnn", corpora), lambda _: None, quick=True)}


def test_noise_is_of_folds_that_nothing_was_trained_on(found: dict[str, Row]) -> None:
    row = found["false emotions: noise"]
    assert row.heard == "unseen"
    assert "fold 5 without baby cries" in row.protocol
    assert row.most == 2
    assert row.value == pytest.approx(row.detail["segments"] / row.detail["hours"])
    assert row.detail["hours"] > 0.04
    assert {"baby cries, per hour", "sneezes, per hour", "noise, per hour", "mixtures, per hour"} <= row.detail.keys()


def test_steady_sounds_raise_no_emotion(found: dict[str, Row]) -> None:
    row = found["false emotions: steady sounds"]
    assert (row.value, row.most, row.met, row.heard) == (0, 0, True, "none")
    assert {"digital silence, per hour", "hum 50 Hz, per hour", "pink noise, per hour"} <= row.detail.keys()


def test_where_every_fold_was_heard_the_row_says_so(corpora: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", corpora)
    folds = {**subject.contract.trained_on, "esc-10": ("1", "2", "3", "4", "5")}
    heard = replace(subject, contract=replace(subject.contract, trained_on=folds))
    row = next(rows(heard, lambda _: None, quick=True))
    assert row.heard == "seen"
    assert "fold 1, 2, 3, 4, 5" in row.protocol
