"""The journal's import: what is no journal is refused whole; what is taken has its report and comes out again."""

from __future__ import annotations

import json
from pathlib import Path

from serd.errors import UsageError
from serd.journal import importing
from serd.journal.export import as_csv, as_json
from serd.journal.person import PersonFile
from serd.journal.reading import read
from serd.journal.report import as_html
from serd.journal.words import words_of
from tests.support.journal_store import fill, make_store, weeks
from tools.fuzz.inputs import FuzzFailure


def journals(folder: Path) -> list[bytes]:
    """A week of short sessions, with a rating and an absence."""
    store = make_store(folder, encrypted=False)
    key = fill(store, "P-1", weeks(1, minutes=1.0, activation=True))
    with store.open(key) as file:
        document = json.loads(as_json(file, "P-1"))
    session = document["tables"]["session"][0]["id"]
    document["tables"]["rating"] = [
        {"id": 1, "at": "2026-03-01T00:00:00.000Z", "offset_min": 60, "zone": "UTC", "mood": 3, "note": "x"}
    ]
    document["tables"]["absence"] = [
        {"session": session, "number": 1, "source": "a", "state": "lost", "at_s": 1.0, "seconds": 2.0}
    ]
    return [json.dumps(document).encode()]


def imported(folder: Path, data: bytes) -> str:
    """Into a person's file of its own."""
    document = importing.parse(data, "x")
    for one in folder.glob("import.db*"):
        one.unlink()
    with PersonFile(folder / "import.db", None, new=True) as file:
        try:
            importing.put(file, document, "x")
        except UsageError:
            if file.rows("session"):
                raise FuzzFailure(f"half of it was taken: {data[:400]!r}") from None
            raise
        if file.faults():
            raise FuzzFailure(f"{file.faults()} of {data[:400]!r}")
        as_html(read(file, "P-1"), words_of("de" if len(data) % 2 else "en"))
        as_csv(read(file, "P-1"))
        importing.parse(as_json(file, document["person"]), "x")
    return "taken"
