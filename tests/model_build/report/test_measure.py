"""Rows of an evaluation beside what the report works out itself."""

from __future__ import annotations

from model_build.evaluation.row import Row
from model_build.report.measure import Measure, measure_table, measured
from model_build.statistics.bootstrap import Estimate

DELAY = Row("delay", "joined clips", 1.25, "s", "unseen", low=1.0, high=1.6, most=1.5)
ALARMS = Row("false emotions: noise", "9 h", 11.7, "per hour", "unseen", most=2.0)
SHARE = Row.of("speech missed", "windows", Estimate(0.02, 0.01, 0.03), "seen")


def test_a_figure_stands_with_its_unit_and_interval() -> None:
    assert measured(DELAY) == Measure("delay", "1.25 s (1.00 to 1.60)", "≤ 1.5", True)
    assert measured(ALARMS) == Measure("false emotions: noise", "11.70 per hour", "≤ 2", False)
    assert measured(SHARE) == Measure("speech missed", "2.0 % (1.0 to 3.0)", "", None)


def test_a_table_has_a_line_a_measure_and_columns_of_one_s_own() -> None:
    rows = [measured(DELAY), measured(SHARE)]
    assert measure_table(rows)[1:-1] == [
        "| measure | figure | target | met |",
        "|---|---:|---:|---:|",
        "| delay | 1.25 s (1.00 to 1.60) | ≤ 1.5 | yes |",
        "| speech missed | 2.0 % (1.0 to 3.0) |  |  |",
    ]
    assert measure_table(iter(rows), ("heard", ["unseen", "seen"]))[4] == (
        "| speech missed | 2.0 % (1.0 to 3.0) |  |  | seen |"
    )
