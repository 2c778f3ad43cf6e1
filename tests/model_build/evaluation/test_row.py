"""A figure and its target."""

from __future__ import annotations

import math

import pytest

from model_build.evaluation.row import Row
from model_build.statistics.bootstrap import Estimate


@pytest.mark.parametrize(
    ("most", "least", "met"),
    [(None, None, None), (5, None, True), (3, None, False), (None, 4, True), (5, -5, True), (3, -3, False)],
)
def test_a_target_is_met_missed_or_not_there(most: float | None, least: float | None, met: bool | None) -> None:
    assert Row("gap", "of all", 4.0, "points", "seen", most=most, least=least).met is met


def test_points_are_hundredths_of_shares() -> None:
    row = Row.of("lost", "of all", Estimate(0.5, 0.25, 0.75), "seen", unit="points", most=60, detail={"emo-db": 0.5})
    assert (row.value, row.low, row.high, row.detail, row.met) == (50, 25, 75, {"emo-db": 50}, True)
    assert Row.of("share", "of all", Estimate(0.5, 0.25, 0.75), "seen").value == 0.5


def test_a_figure_that_does_not_exist_is_null() -> None:
    row = Row("lost", "of all", float("nan"), "points", "none", detail={"emo-db": float("nan"), "urdu": 1.0})
    document = row.document()
    assert document["value"] is None
    assert document["detail"] == {"emo-db": None, "urdu": 1.0}
    assert document["met"] is None


def test_a_document_is_read_back() -> None:
    row = Row.of("lost", "of all", Estimate(0.5, 0.25, 0.75), "seen", unit="points", most=60, detail={"emo-db": 0.5})
    assert Row.parse(row.document()) == row
    assert Row.parse(Row("noise", "9 h", 1.5, "per hour", "none").document()).low is None
    absent = Row.parse(Row("lost", "of all", float("nan"), "points", "none", detail={"urdu": float("nan")}).document())
    assert math.isnan(absent.value)
    assert math.isnan(absent.detail["urdu"])
