"""serd.cli.score: text, JSON, CSV; what cannot be read is named and the rest is scored."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from tests.support.speech import DEMO, EMOTIONS


def test_text_names_the_state_and_the_likeliest(run):
    done = run("score", DEMO)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{DEMO}: ")
    assert "%" in done.stdout


def test_csv_has_a_header_and_a_row_a_file(run):
    rows = list(csv.DictReader(io.StringIO(run("score", "--model", "serd-small", "--csv", DEMO, DEMO).stdout)))
    assert len(rows) == 2
    assert rows[0] == rows[1]
    assert sum(float(rows[0][label]) for label in EMOTIONS) > 0.999


def test_windows_are_listed_in_each_form(run):
    line = json.loads(run("score", "--model", "serd-small", "--json", "--windows", DEMO).stdout)
    rows = list(csv.DictReader(io.StringIO(run("score", "--model", "serd-small", "--csv", "--windows", DEMO).stdout)))
    assert len(rows) == len(line["windows"]) == -(-int(line["duration_s"] * 16000 - 262) // 4000)
    assert {row["state"] for row in rows} == {window["state"] for window in line["windows"]}


def test_a_bad_file_is_one_line_and_the_good_ones_are_scored(run, tmp_path: Path):
    (tmp_path / "empty.wav").touch()
    done = run("score", "--model", "serd-small", "--json", "empty.wav", DEMO, "nosuch.wav")
    assert done.returncode == 2
    assert [json.loads(line)["file"] for line in done.stdout.splitlines()] == [str(DEMO)]
    assert len(done.stderr.splitlines()) == 2
    assert "empty.wav" in done.stderr
    assert "nosuch.wav" in done.stderr


def test_a_bad_model_is_one_error_with_78(run):
    done = run("score", "--model", "nosuch", DEMO, DEMO)
    assert done.returncode == 78
    assert len(done.stderr.splitlines()) == 1
