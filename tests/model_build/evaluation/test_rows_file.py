"""Rows as one reads them."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Row
from model_build.evaluation.rows_file import cells, read, table, target, write
from model_build.statistics.bootstrap import Estimate
from serd.errors import UsageError

UAR = Row.of("UAR, 8 classes", "24 actors", Estimate(0.541, 0.5, 0.58), "seen", least=0.66, count=1440)
GAP = Row.of("women minus men", "[24] actors", Estimate(0.02, -0.01, 0.04), "seen", unit="points", most=5, least=-5)
DELAY = Row("delay", "joined clips", 1.25, "s", "unseen", most=1.5)


def test_shares_are_percent_and_points_have_a_sign() -> None:
    assert cells(UAR) == ("UAR, 8 classes", "54.1 %", "50.0 to 58.0", "≥ 66", "missed", "seen", "1440", "24 actors")
    assert cells(GAP)[1:5] == ("+2.0 points", "-1.0 to +4.0", "±5", "met")
    assert cells(DELAY)[1:7] == ("1.25 s", "", "≤ 1.5", "met", "unseen", "")


@pytest.mark.parametrize(("most", "least", "text"), [(None, None, ""), (0.1, None, "≤ 10"), (0.9, 0.1, "≥ 10, ≤ 90")])
def test_targets(most: float | None, least: float | None, text: str) -> None:
    assert target(Row("a", "b", 0.5, "share", "seen", most=most, least=least)) == text


def test_a_target_that_was_worked_out_has_one_decimal() -> None:
    assert target(Row("a", "b", 0.5, "share", "seen", least=0.721484375)) == "≥ 72.1"


def test_the_table_has_a_line_a_row_and_takes_brackets_as_they_are() -> None:
    out = io.StringIO()
    Console(file=out, width=160).print(table([UAR, GAP, DELAY], "thesis-cnn/1.0"))
    text = out.getvalue()
    assert "thesis-cnn/1.0" in text.splitlines()[0]
    assert "[24] actors" in text
    assert sum(line.startswith("│") for line in text.splitlines()) == 3


def test_the_file_has_all_there_is(tmp_path: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", tmp_path)
    file = tmp_path / "rows.json"
    write(file, [UAR, GAP], subject, quick=True)
    data = json.loads(file.read_text())
    assert (data["model"], data["quick"]) == ("thesis-cnn/1.0", True)
    assert len(data["sha256"]) == len(data["detector_sha256"]) == 64
    assert [row["met"] for row in data["rows"]] == [False, True]
    assert data["rows"][0]["value"] == 0.541
    assert data["rows"][1]["unit"] == "points"
    found = read(file)
    assert found.rows == (UAR, GAP)
    assert (found.model, found.sha256, found.quick) == ("thesis-cnn/1.0", data["sha256"], True)


def test_rows_measured_anew_take_the_places_of_their_own(tmp_path: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", tmp_path)
    file = tmp_path / "rows.json"
    unseen = replace(UAR, heard="unseen", value=0.4)
    write(file, [UAR, unseen, GAP], subject, quick=False)
    before = read(file)
    again = replace(UAR, value=0.6, protocol="23 actors")
    assert before.joined([DELAY, again]) == [again, unseen, GAP, DELAY]
    assert before.joined([]) == [UAR, unseen, GAP]


def test_rows_of_another_network_or_of_other_clips_do_not_stand_beside_them(tmp_path: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", tmp_path)
    file = tmp_path / "rows.json"
    write(file, [UAR], subject, quick=False)
    before = read(file)
    assert before.is_of(subject, quick=False)
    assert not before.is_of(subject, quick=True)
    assert not before.is_of(ModelUnderTest.open("thesis-cnn", tmp_path, most=48), quick=False)
    assert not before.is_of(ModelUnderTest.open("serd-tiny", tmp_path), quick=False)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1}', '{"format": 1, "rows": [1]}'])
def test_what_is_no_such_file_is_said_in_a_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "rows.json"
    file.write_text(text)
    with pytest.raises(UsageError, match=rf"{file}: no rows of an evaluation \(.+\); evaluate the model anew"):
        read(file)


def test_it_says_where_not_all_clips_were_heard(tmp_path: Path) -> None:
    for most in (None, 48):
        write(tmp_path / "rows.json", [UAR], ModelUnderTest.open("thesis-cnn", tmp_path, most=most), quick=False)
        assert read(tmp_path / "rows.json").clips == most
