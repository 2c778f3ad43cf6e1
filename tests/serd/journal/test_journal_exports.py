"""serd.journal.export and importing: a journal comes back as it went; a file that is none is one line."""

from __future__ import annotations

import csv
import io
import json
import random
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
from serd.journal.report import as_html
from serd.journal.words import words_of
from tests.support.journal_command import Desk
from tests.support.journal_store import fill, make_store, weeks
from tests.support.speech import DEMO
from tools.fuzz import inputs as fuzz


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


def test_the_parquet_file_has_the_bins(journal: PersonFile, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
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


def refused(error: UsageError) -> str:
    """A refusal of one line."""
    assert "\n" not in str(error)
    return "refused"


def take(text: bytes, folder: Path) -> str:
    """Import a text; what became of it."""
    try:
        document = importing.parse(text, "x")
    except UsageError as error:
        return refused(error)
    path = folder / "fuzz.db"
    for one in folder.glob("fuzz.db*"):
        one.unlink()
    with PersonFile(path, None) as file:
        try:
            importing.put(file, document, "x")
        except UsageError as error:
            return refused(error) if file.rows("session") == [] else "half"
        assert file.faults() == []
        for language in ("en", "de"):
            as_html(read(file, "P-1"), words_of(language))
        as_csv(read(file, "P-1"))
        assert importing.parse(as_json(file, document["person"]), "x")
    return "taken"


def test_any_file_is_a_journal_or_one_line(journal: PersonFile, tmp_path: Path) -> None:
    document = json.loads(as_json(journal, "P-1"))
    tables = document["tables"]
    kept = {row["id"] for row in tables["session"][:2]}
    for name, rows in tables.items():
        if name not in ("consent", "rating"):
            tables[name] = [row for row in rows if row.get("session", row.get("id")) in kept][:40]
    tables["rating"] = [
        {"id": 1, "at": "2026-03-01T00:00:00.000Z", "offset_min": 60, "zone": "UTC", "mood": 3, "note": "x"}
    ]
    tables["absence"] = [
        {"session": next(iter(kept)), "number": 1, "source": "a", "state": "lost", "at_s": 1.0, "seconds": 2.0}
    ]
    assert take(json.dumps(document).encode(), tmp_path) == "taken"
    chance, became = random.Random(7), {"taken": 0, "refused": 0}
    text = json.dumps(document).encode()
    for number in range(400):
        if number % 2:
            changed = json.dumps(fuzz.changed_json(document, chance)).encode()
        else:
            changed = fuzz.changed(text, chance, [text])
        became[take(changed, tmp_path)] += 1
    assert min(became.values()) > 10, became


@settings(max_examples=100, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_nor_does_anything_else_raise(text: bytes) -> None:
    with pytest.raises(UsageError):
        importing.parse(text, "x")


def test_rows_twice_are_refused_whole(journal: PersonFile, tmp_path: Path) -> None:
    document = json.loads(as_json(journal, "P-1"))
    document["tables"]["bin"].append(document["tables"]["bin"][0])
    assert take(json.dumps(document).encode(), tmp_path) == "refused"
