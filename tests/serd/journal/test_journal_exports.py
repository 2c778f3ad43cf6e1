"""serd.journal.export and importing: a journal comes back as it went; a file that is none is one line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serd.errors import UsageError
from serd.journal import importing
from serd.journal.export import as_csv, as_json, as_parquet
from serd.journal.person import PersonFile
from serd.journal.reading import read
from tests.support.journal_command import Desk
from tests.support.journal_store import fill, make_store, weeks
from tests.support.speech import DEMO
from tools.fuzz.journal import imported


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Any:
    store = make_store(tmp_path_factory.mktemp("store"), encrypted=False)
    key = fill(store, "P-1", weeks(4))
    with store.open(key) as file:
        yield file


def test_a_journal_taken_along_gives_the_same_report(desk: Desk, tmp_path: Path) -> None:
    desk.agree()
    desk.record(DEMO, "P-1", "--note", "ä – <b>")
    desk("rate", "P-1", "--mood", "4", "--note", "so\nso")
    desk("export", "P-1", "--format", "json", "--out", "out.json")
    other = Desk(desk.serd, tmp_path / "other") if (tmp_path / "other").mkdir() is None else desk
    other.endpoint = desk.endpoint
    other("import", tmp_path / "out.json")
    for language in ("en", "de"):
        desk("report", "P-1", "--out", "report.html", "--lang", language)
        other("report", "P-1", "--out", "report.html", "--lang", language)
        assert (tmp_path / "report.html").read_bytes() == (tmp_path / "other" / "report.html").read_bytes()
    other("export", "P-1", "--format", "json", "--out", "again.json")
    assert (tmp_path / "out.json").read_bytes() == (tmp_path / "other" / "again.json").read_bytes()
    assert "has a journal" in other("import", tmp_path / "out.json", code=2).stderr
    assert [one["act"] for one in other.ask("audit")][:1] == ["import"]


def test_an_export_is_audited_with_its_consent(desk: Desk) -> None:
    desk.agree()
    for form in ("csv", "json", "fhir"):
        desk("export", "P-1", "--format", form, "--out", f"x.{form}")
    found = [one["detail"] for one in desk.ask("audit") if one["act"] == "export"]
    assert [(one["format"], one["consent"], one["active"]) for one in found] == [
        ("csv", 1, True), ("json", 1, True), ("fhir", 1, True)]  # fmt: skip
    assert all((desk.folder / f"x.{form}").stat().st_mode & 0o077 == 0 for form in ("csv", "json", "fhir"))


def test_the_table_has_the_sessions_figures(journal: PersonFile) -> None:
    reading = read(journal, "P-1")
    rows = list(csv.DictReader(io.StringIO(as_csv(reading).decode(), newline="")))
    assert [row["session"] for row in rows] == [one.id for one in reading.sessions]
    for row, one in zip(rows, reading.sessions, strict=True):
        assert float(row["happy"]) == one.shares["happy"].value
        assert float(row["uncertain_low"]) == one.shares["uncertain"].low
        assert row["started"].startswith("2026-")
        assert row["started"].endswith("T10:00:00")


def test_a_note_is_no_formula(tmp_path: Path) -> None:
    store = make_store(tmp_path, encrypted=False)
    sessions = weeks(1)
    sessions[0]["session"][0]["note"] = '=HYPERLINK("http://x")'
    with store.open(fill(store, "P-1", sessions)) as file:
        (row, *_) = csv.DictReader(io.StringIO(as_csv(read(file, "P-1")).decode(), newline=""))
    assert row["note"].startswith("'=")


def test_the_parquet_file_has_the_bins(journal: PersonFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.setattr(
        "tempfile.tempdir", "/nowhere"
    )  # nothing of a journal passes through a folder that others share
    path = tmp_path / "bins.parquet"
    path.write_bytes(as_parquet(read(journal, "P-1")))
    with duckdb.connect() as base:
        count, speech = base.execute(f"SELECT count(*), sum(speech_s) FROM '{path}'").fetchone()
        happy = base.execute(f"SELECT sum(announced['happy']) FROM '{path}'").fetchone()[0]
        zones = base.execute(f"SELECT DISTINCT zone, typeof(started_at) FROM '{path}'").fetchall()
    bins = journal.rows("bin")
    assert count == len(bins)
    assert speech == pytest.approx(sum(row["speech_s"] for row in bins))
    assert happy == pytest.approx(sum(json.loads(row["announced"] or "{}").get("happy", 0) for row in bins))
    assert zones == [("Europe/Berlin", "TIMESTAMP WITH TIME ZONE")]


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_nor_does_anything_else_raise(text: bytes) -> None:
    with pytest.raises(UsageError):
        importing.parse(text, "x")


def test_rows_twice_are_refused_whole(journal: PersonFile, tmp_path: Path) -> None:
    document = json.loads(as_json(journal, "P-1"))
    document["tables"]["bin"].append(document["tables"]["bin"][0])
    with pytest.raises(UsageError, match="rows of it are there twice"):
        imported(tmp_path, json.dumps(document).encode())
