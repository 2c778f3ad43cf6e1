"""Figures in words."""

from __future__ import annotations

import pytest

from model_build.report.formatting import (
    interval,
    listed,
    p_value,
    percent,
    points,
    sentence,
    shown,
    table,
    tidy,
    verdict,
)
from model_build.statistics.bootstrap import Estimate


def test_shares_are_percent_with_their_interval() -> None:
    assert percent(0.5444) == "54.4"
    assert interval(Estimate(0.6, 0.5504, 0.65)) == "60.0 (55.0 to 65.0)"
    assert points(Estimate(-0.014, -0.03, 0.002)) == "-1.4 (-3.0 to +0.2)"


@pytest.mark.parametrize(
    ("apart", "p", "text"),
    [
        (Estimate(0.05, 0.01, 0.09), 0.01, "the DNN is better than the CNN (+5.0 (+1.0 to +9.0) points, p = 0.010)"),
        (
            Estimate(-0.05, -0.09, -0.01),
            0.0001,
            "the DNN is worse than the CNN (-5.0 (-9.0 to -1.0) points, p < 0.001)",
        ),
        (
            Estimate(0.05, -0.01, 0.11),
            0.12,
            "no difference between the DNN and the CNN is shown (+5.0 (-1.0 to +11.0) points, p = 0.12)",
        ),
    ],
)
def test_a_verdict_follows_from_the_figures(apart: Estimate, p: float, text: str) -> None:
    assert verdict("the DNN", "the CNN", apart, p) == text


def test_an_adjusted_p_value_outweighs_the_interval() -> None:
    assert shown(Estimate(0.05, 0.01, 0.09), 0.04)
    assert not shown(Estimate(0.05, 0.01, 0.09), 0.2)


def test_small_words() -> None:
    assert [p_value(p) for p in (0.0004, 0.0123, 0.5)] == ["< 0.001", "0.012", "0.50"]
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert sentence("so it is") == "So it is."
    assert table(("a", "b"), [("1", "2")]) == ["", "| a | b |", "|---|---:|", "| 1 | 2 |", ""]


def test_texts_have_one_blank_line_at_most() -> None:
    assert tidy(["", "", "# A", "", "", "b", "c", "", ""]) == "# A\n\nb\nc\n"
