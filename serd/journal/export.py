"""Exports: all of a journal as JSON, which `import` takes back; sessions as CSV; bins as Parquet."""

from __future__ import annotations

import csv
import io
import json
import os
from typing import Any, BinaryIO

from serd.errors import UsageError, brings
from serd.journal.moment import local
from serd.journal.person import PersonFile
from serd.journal.reading import Reading
from serd.journal.summary import Share, Summary
from serd.journal.tables import ABSENCES, FORMAT, TABLES

KIND = "serd-journal"
FORMULA = ("=", "+", "-", "@", "\t")
"""How a cell begins that a spreadsheet would compute."""


def as_json(file: PersonFile, person: str) -> bytes:
    """Every row of the file, but where exports went."""
    tables = {table.name: file.rows(table.name) for table in TABLES if table.name != "export"}
    tables["session"] = [row for row in tables["session"] if row["ended_at"]]  # one that runs is not whole yet
    ended = {row["id"] for row in tables["session"]}
    for rows in tables.values():
        rows[:] = [row for row in rows if row.get("session", next(iter(ended), None)) in ended or "session" not in row]
    document = {"kind": KIND, "format": FORMAT, "person": person, "tables": tables}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def as_csv(reading: Reading) -> bytes:
    """A row for each session: seconds, shares of speech with their intervals."""
    names = list(dict.fromkeys(name for session in reading.sessions for name in session.shares))
    out = io.StringIO()
    rows = [_row(session, names) for session in reading.sessions]
    writer = csv.DictWriter(out, list(_row(None, names)), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode()


def as_parquet(reading: Reading) -> bytes:
    """A row for each bin, with its session's settings; on the way to it nothing touches a disk.

    Raises UsageError where duckdb is not installed.
    """
    try:
        import duckdb
    except ImportError:
        raise UsageError(f"export: Parquet needs duckdb; {brings('parquet')}") from None
    rows = [row for session in reading.sessions for row in _bins(session, reading)]
    columns = ", ".join(f"'{column}': '{kind}'" for column, kind in COLUMNS.items())
    with _in_memory("bins.json") as source, _in_memory("bins.parquet") as target, duckdb.connect() as base:
        source.write("\n".join(map(json.dumps, rows)).encode())
        source.flush()
        base.execute(
            f"COPY (SELECT * FROM read_json('/proc/self/fd/{source.fileno()}', format = 'newline_delimited',"
            f" columns = {{{columns}}}))"
            f" TO '/proc/self/fd/{target.fileno()}' (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
        )
        return target.read()


def _in_memory(name: str) -> BinaryIO:
    """A file that is nowhere but in memory."""
    return os.fdopen(os.memfd_create(name), "w+b")


COLUMNS = {
    "person": "VARCHAR", "session": "VARCHAR", "started_at": "TIMESTAMPTZ", "zone": "VARCHAR", "model": "VARCHAR",
    "device": "VARCHAR", "origin": "VARCHAR", "stream": "BIGINT", "number": "BIGINT", "at_s": "DOUBLE",
    "listened_s": "DOUBLE", "speech_s": "DOUBLE", "uncertain_s": "DOUBLE", "missed_s": "DOUBLE", "gap_s": "DOUBLE",
    "skipped_s": "DOUBLE", "high_s": "DOUBLE", "low_s": "DOUBLE", "unclear_s": "DOUBLE",
    "announced": "MAP(VARCHAR, DOUBLE)", "weighted": "MAP(VARCHAR, DOUBLE)",
}  # fmt: skip
"""Columns of the Parquet file, with DuckDB's types."""


def _bins(session: Summary, reading: Reading) -> list[dict[str, Any]]:
    context = session.context
    common = {
        "person": reading.person, "session": session.id, "started_at": session.started_at, "zone": session.zone,
        "model": context.model if context else None, "device": context.device if context else None,
        "origin": context.origin if context else None,
    }  # fmt: skip
    found = []
    for row in reading.bins.get(session.id, []):
        tables = {name: json.loads(row[name] or "{}") for name in ("announced", "weighted")}
        found.append(common | {name: value for name, value in row.items() if name in COLUMNS} | tables)
    return found


def _row(session: Summary | None, names: list[str]) -> dict[str, Any]:
    """A session's cells; the columns alone where there is none."""
    shares = session.shares if session else {}
    context = session.context if session else None
    coverage = session.coverage if session else None
    cells: dict[str, Any] = {
        "session": session and session.id,
        "started": session and local(session.started_at, session.offset_min).strftime("%Y-%m-%dT%H:%M:%S"),
        "offset_min": session and session.offset_min, "zone": session and session.zone,
        "ended_by": session and session.ended_by, "model": context and context.model,
        "device": context and context.device, "origin": context and context.origin,
        "enough_speech": session and int(session.enough),
        "elapsed_s": coverage and coverage.elapsed_s, "listened_s": coverage and round(coverage.listened_s, 3),
        "speech_s": coverage and round(coverage.speech_s, 3), "coverage": coverage and round(coverage.share, 4),
        "missed_s": coverage and round(coverage.missed_s, 3), "gap_s": coverage and round(coverage.gap_s, 3),
        "skipped_s": coverage and round(coverage.skipped_s, 3),
    }  # fmt: skip
    for state in ABSENCES:
        cells[f"{state}_s"] = coverage and round(coverage.absences.get(state, 0.0), 3)
    for name in names:
        share = shares.get(name, Share(float("nan")))
        known = name in shares
        cells |= {name: share.value if known else None, f"{name}_low": share.low, f"{name}_high": share.high}
    return cells | {"note": session and session.note}


def _harmless(value: object) -> object:
    """Spreadsheets compute cells that begin like a formula; an apostrophe keeps them from it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
