"""Imports: a journal's JSON, from elsewhere, into a store that does not know the person yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from serd.errors import UsageError
from serd.journal.export import KIND
from serd.journal.keys import PSEUDONYM
from serd.journal.person import PersonFile
from serd.journal.tables import FORMAT, TABLES
from serd.system.nearest import near_file

LARGEST = 1 << 30
"""Bytes of a file that is read: a year with frames has some 400 MB."""

Document = dict[str, Any]


def load(path: Path) -> Document:
    """Read and check a file. Raises UsageError, in one line, for what is no journal."""
    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(
                f"import {path}: larger than a journal can be; give a file that `serd journal export` made"
            )
        return parse(path.read_bytes(), str(path))
    except OSError as error:
        remedy = near_file(path, "give a file that is there")
        raise UsageError(f"import {path}: cannot be read ({error.strerror}); {remedy}") from None


def parse(text: bytes, name: str) -> Document:
    """The journal in a text, each row checked by itself. Raises UsageError."""
    try:
        document = json.loads(text.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _refusal(name, "no JSON") from None
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise _refusal(name, f"not of the kind {KIND}")
    if document.get("format") != FORMAT:
        raise _refusal(name, f"of format {str(document.get('format'))[:20]!r}, this serd knows {FORMAT}")
    if not isinstance(document.get("person"), str) or not PSEUDONYM.fullmatch(document["person"]):
        raise _refusal(name, "its person is no pseudonym")
    tables = document.get("tables")
    if not isinstance(tables, dict) or set(tables) != {table.name for table in TABLES if table.name != "export"}:
        raise _refusal(name, "its tables are not those of a journal")
    for table in TABLES:
        rows = tables.get(table.name, [])
        if not isinstance(rows, list):
            raise _refusal(name, f"{table.name} is no list")
        for place, row in enumerate(rows):
            if fault := table.fault(row):
                raise _refusal(name, f"{table.name} {place}: {fault}")
    if any(row.get("ended_at") is None or row.get("ended_by") is None for row in tables["session"]):
        raise _refusal(name, "a session has no end")
    return document


def put(file: PersonFile, document: Document, name: str) -> int:
    """Write all of it, or nothing; the number of sessions. Raises UsageError, NotWrittenError."""
    try:
        with file.transaction():
            for table in TABLES:
                file.put(table.name, document["tables"].get(table.name, []))
    except file.refused:
        raise _refusal(name, "rows of it are there twice, or refer to rows that are not") from None
    return len(document["tables"]["session"])


def _refusal(name: str, what: str) -> UsageError:
    return UsageError(f"import {name}: {what}; give a file that `serd journal export --format json` made")


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")
