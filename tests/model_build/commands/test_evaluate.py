"""`python -m model_build evaluate`, as one types it."""

from __future__ import annotations

import errno
import importlib
import inspect
import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from model_build.__main__ import main
from model_build.commands.evaluate import GROUPS
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Row
from model_build.evaluation.rows_file import write


@pytest.mark.parametrize("group", GROUPS)
def test_each_group_has_its_rows(group: str) -> None:
    rows = importlib.import_module(GROUPS[group]).rows
    assert list(inspect.signature(rows).parameters) == ["subject", "say", "quick"]


def test_rows_are_printed_and_written(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    given = ["evaluate", "thesis-cnn", "--data", str(corpora), "--rows", "clips", "--quick", "--jobs", "1"]
    assert main([*given, "--json", str(tmp_path / "one.json")]) == 0
    once = capsys.readouterr()
    assert "quick: no figures to report" in once.out
    assert "UAR, 8 classes" in once.out
    assert "clips scored" in once.err
    assert main([*given, "--json", str(tmp_path / "two.json")]) == 0
    again = capsys.readouterr()
    assert again.out == once.out
    assert "clips scored" not in again.err
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    rows = json.loads((tmp_path / "one.json").read_text())["rows"]
    assert {row["heard"] for row in rows} == {"seen", "unseen"}

    # One group measured anew leaves other groups' rows in the file, but not those of another network.
    file = tmp_path / "three.json"
    gain = Row("gain, worst", "clips", 0.5, "share", "seen")
    stale = replace(Row.parse(rows[0]), value=0.0)
    write(file, [gain, stale], ModelUnderTest.open("thesis-cnn", corpora), quick=True)
    assert main([*given, "--json", str(file)]) == 0
    assert json.loads(file.read_text())["rows"] == [gain.document(), *rows]
    capsys.readouterr()
    assert main(["evaluate", "serd-tiny", *given[2:], "--json", str(file)]) == 2
    assert f"{file}: rows of another network or of other clips, of thesis-cnn/1.0; name" in capsys.readouterr().err
    assert json.loads(file.read_text())["rows"] == [gain.document(), *rows]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["thesis-cnn", "--rows", "clip"], "rows clip: unknown; there are clips, gain"),
        (["thesis-cnn", "--json", "no/such/rows.json"], "--json names a file in one that is there"),
        (["thesis-cnn", "--json", "."], ".: a folder; --json names a file"),
        (["thesis-cnn", "--clips", "0"], "--clips 0: too few; 1 at least"),
        (["no-such-model"], "neither installed nor a file"),
        (["speech"], "evaluate takes one for 'emotion'"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(
    arguments: list[str], text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *arguments, "--data", str(tmp_path)]) > 0
    said = capsys.readouterr()
    assert text in said.err
    assert said.out == ""


def test_data_that_are_not_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "thesis-cnn", "--data", str(tmp_path / "none")]) == 2
    assert "none: no such folder; --data names" in capsys.readouterr().err


def test_a_folder_that_takes_no_file_is_named_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its permissions would not keep root out."""

    def denied(**_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(tempfile, "TemporaryFile", denied)
    file = tmp_path / "rows.json"
    assert main(["evaluate", "no-such-model", "--data", str(tmp_path), "--json", str(file)]) == 2
    assert f"{tmp_path}: Permission denied; --json needs a folder that can be written" in capsys.readouterr().err
