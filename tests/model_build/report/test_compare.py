"""Variants against a standard."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_build.report.compare import compare, comparison_table
from model_build.report.formatting import shown
from model_build.report.records import Records, runs
from model_build.thesis.studies import FRONT_ENDS
from tests.support.judgements import keep

STANDARD = runs("stft", note="")


def test_variants_are_compared_on_the_folds_that_both_have(tmp_path: Path) -> None:
    keep(tmp_path, STANDARD, 0.5)
    keep(tmp_path, runs("stft", note="linear")[:1], 0.75)
    keep(tmp_path, runs("stft", note="level"), 0.5)
    rows = compare(
        Records.open(tmp_path), ("standard", STANDARD), {note: runs("stft", note=note) for note in FRONT_ENDS}
    )
    assert [row.name for row in rows] == ["standard", "linear", "level"], "what was not run is left out"
    standard, linear, level = rows
    assert standard.apart is None
    assert standard.estimate.value == pytest.approx(0.5)
    assert linear.apart is not None
    assert linear.apart.value == pytest.approx(0.25)
    assert shown(linear.apart, linear.p)
    assert (linear.tests, level.tests) == (1, 2)
    assert level.apart is not None
    assert not shown(level.apart, level.p)
    lines = comparison_table(rows, "front end")
    assert "| linear | 75.0 (75.0 to 75.0) | +25.0 (+25.0 to +25.0) | 0.002 | 1 | 2500 | 27.0 |" in lines


def test_p_values_are_adjusted_for_the_number_of_variants(tmp_path: Path) -> None:
    def lucky(actors: int) -> object:
        return lambda own: 0.75 if int(own.speaker) <= actors else 0.5

    keep(tmp_path, STANDARD, 0.5)
    for note in FRONT_ENDS:
        keep(tmp_path, runs("stft", note=note), lucky(5))  # type: ignore[arg-type]
    book = Records.open(tmp_path)
    (_, alone) = compare(book, ("standard", STANDARD), {"linear": runs("stft", note="linear")})
    rows = compare(book, ("standard", STANDARD), {note: runs("stft", note=note) for note in FRONT_ENDS})
    assert alone.apart is not None
    assert 0.01 < alone.p < 0.2
    assert rows[1].p == pytest.approx(min(1, len(FRONT_ENDS) * alone.p))
