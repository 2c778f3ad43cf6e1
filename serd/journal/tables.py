"""The tables of a person's file, once: what makes them, and what a row from elsewhere must be like.

Seconds within a session are counted by a clock that no one sets; times of day are UTC with an offset and a zone.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from serd.journal.moment import known_zone, parse_utc

FORMAT = 1
"""Version of the tables and of the JSON that holds them."""

BIN_S = 5.0
MOODS = range(1, 10)
ORIGINS = ("microphone", "recording", "demo", "unknown")
ABSENCES = ("muted", "stalled", "lost", "waiting", "absent")
"""Why nothing was listened to: as the status has it; `absent`: no serd was heard of."""
ENDS = ("stop", "signal", "withdrawal", "consent-over", "time", "crash")
"""How a session ended. `crash`: its recorder could not say so (killed, no power, a full disk)."""

HEX16 = re.compile(r"[0-9a-f]{16}")
NAME = re.compile(r"[a-z0-9_-]{1,64}")
RUN = re.compile(r"[A-Za-z0-9._-]{1,64}")
Check = Callable[[object], bool]


def _text(longest: int, pattern: re.Pattern[str] | None = None) -> Check:
    def check(value: object) -> bool:
        fits = isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()
        return fits and (pattern is None or bool(pattern.fullmatch(str(value))))

    return check


def _words(longest: int) -> Check:
    """Free text: lines are allowed, other control characters and half characters are not."""

    def check(value: object) -> bool:
        if not isinstance(value, str) or not 0 < len(value) <= longest:
            return False
        return all(c in "\n\t" or c.isprintable() for c in value)

    return check


def _one_of(*values: str) -> Check:
    return lambda value: isinstance(value, str) and value in values


def _whole(least: int, most: int) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def _real(least: float, most: float) -> Check:
    return lambda value: type(value) in (int, float) and least <= value <= most  # type: ignore[operator]


def _parses(parse: Callable[[str], object]) -> Check:
    def check(value: object) -> bool:
        try:
            return isinstance(value, str) and len(value) < 40 and parse(value) is not None
        except ValueError:
            return False

    return check


def _seconds_by_name(value: object) -> bool:
    """A JSON object of label: seconds, as text."""
    try:
        found = json.loads(value) if isinstance(value, str) and len(value) < 20_000 else None
    except (ValueError, RecursionError):
        return False
    label = _text(64)
    return isinstance(found, dict) and all(
        label(name) and type(s) in (int, float) and math.isfinite(s) and 0 <= s <= 1e6 for name, s in found.items()
    )


def _names(value: object) -> bool:
    try:
        found = json.loads(value) if isinstance(value, str) and len(value) < 20_000 else None
    except (ValueError, RecursionError):
        return False
    return isinstance(found, list) and len(found) <= 64 and all(map(_text(64), found))


def _object(value: object) -> bool:
    try:
        return isinstance(value, str) and len(value) < 20_000 and isinstance(json.loads(value), dict)
    except (ValueError, RecursionError):
        return False


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its SQLite type, and what a value from elsewhere must be like."""

    name: str
    type: str
    check: Check
    optional: bool = False

    @property
    def sql(self) -> str:
        """The column's part of CREATE TABLE."""
        return f"{self.name} {self.type}" + ("" if self.optional else " NOT NULL")


@dataclass(frozen=True, slots=True)
class Table:
    """A table, with its key and the clauses that tie it to others."""

    name: str
    columns: tuple[Column, ...]
    key: str
    more: str = ""

    @property
    def sql(self) -> str:
        """CREATE TABLE."""
        parts = [*(column.sql for column in self.columns), f"PRIMARY KEY ({self.key})", *filter(None, (self.more,))]
        return f"CREATE TABLE {self.name} ({', '.join(parts)}) STRICT, WITHOUT ROWID"

    @property
    def insert(self) -> str:
        """INSERT with a place for each column, by name."""
        names = [column.name for column in self.columns]
        return f"INSERT INTO {self.name} ({', '.join(names)}) VALUES ({', '.join(':' + name for name in names)})"

    def fault(self, row: object) -> str | None:
        """What is wrong with a row from elsewhere; None if nothing is."""
        if not isinstance(row, Mapping):
            return "not an object"
        if unknown := set(row) - {column.name for column in self.columns}:
            return f"{sorted(map(repr, unknown))[0][:40]} is no field of it"
        for column in self.columns:
            value = row.get(column.name)
            if value is None and not column.optional:
                return f"{column.name} is missing"
            if value is not None and not column.check(value):
                return f"{column.name} cannot be {str(value)[:40]!r}"
        return None


_count, _span, _share_s = _whole(0, 1 << 53), _real(0, 1e9), _real(0, 1e6)
_utc, _day = _parses(parse_utc), _parses(date.fromisoformat)
_offset = Column("offset_min", "INTEGER", _whole(-1080, 1080))
_zone = Column("zone", "TEXT", lambda value: isinstance(value, str) and known_zone(value))
_session = Column("session", "TEXT", _text(16, HEX16))
_stream = Column("stream", "INTEGER", _count)
_of_session = "FOREIGN KEY (session) REFERENCES session (id) ON DELETE CASCADE"
_of_stream = "FOREIGN KEY (session, stream) REFERENCES stream (session, number) ON DELETE CASCADE"

TABLES = (
    Table("consent", (
        Column("id", "INTEGER", _whole(1, 1 << 31)), Column("purpose", "TEXT", _words(500)),
        Column("contact", "TEXT", _words(300), optional=True), Column("until", "TEXT", _day),
        Column("by", "TEXT", _one_of("self", "guardian")), Column("notice", "TEXT", _text(16)),
        Column("notice_sha256", "TEXT", _text(64, re.compile("[0-9a-f]{64}"))),
        Column("language", "TEXT", _one_of("en", "de")), Column("agreed_at", "TEXT", _utc), _offset, _zone,
        Column("withdrawn_at", "TEXT", _utc, optional=True),
    ), "id"),
    Table("session", (
        Column("id", "TEXT", _text(16, HEX16)), Column("consent", "INTEGER", _whole(1, 1 << 31)),
        Column("started_at", "TEXT", _utc), _offset, _zone,
        Column("ended_at", "TEXT", _utc, optional=True), Column("ended_by", "TEXT", _one_of(*ENDS), optional=True),
        Column("elapsed_s", "REAL", _span), Column("clock_jump_s", "REAL", _real(-1e9, 1e9)),
        Column("note", "TEXT", _words(2000), optional=True),
    ), "id", "FOREIGN KEY (consent) REFERENCES consent (id)"),
    Table("stream", (
        _session, Column("number", "INTEGER", _count), Column("at_s", "REAL", _span),
        Column("source", "TEXT", _text(64, NAME)), Column("run", "TEXT", _text(64, RUN)),
        Column("model", "TEXT", _text(128)), Column("labels", "TEXT", _names),
        Column("device", "TEXT", _text(200)), Column("origin", "TEXT", _one_of(*ORIGINS)),
        Column("reference", "TEXT", _text(200), optional=True),
        Column("stride_s", "REAL", _real(1e-6, 60)), Column("version", "TEXT", _text(64)),
    ), "session, number", _of_session),
    Table("bin", (
        _session, _stream, Column("number", "INTEGER", _count), Column("at_s", "REAL", _span),
        Column("listened_s", "REAL", _share_s), Column("speech_s", "REAL", _share_s),
        Column("uncertain_s", "REAL", _share_s), Column("missed_s", "REAL", _span), Column("gap_s", "REAL", _span),
        Column("skipped_s", "REAL", _span),
        Column("high_s", "REAL", _share_s), Column("low_s", "REAL", _share_s), Column("unclear_s", "REAL", _share_s),
        Column("announced", "TEXT", _seconds_by_name, optional=True),
        Column("weighted", "TEXT", _seconds_by_name, optional=True),
    ), "session, stream, number", _of_stream),
    Table("absence", (
        _session, Column("number", "INTEGER", _count), Column("source", "TEXT", _text(64, NAME)),
        Column("state", "TEXT", _one_of(*ABSENCES)), Column("at_s", "REAL", _span), Column("seconds", "REAL", _span),
    ), "session, number", _of_session),
    Table("segment", (
        _session, _stream, Column("name", "TEXT", _text(128)), Column("label", "TEXT", _text(64)),
        Column("start_s", "REAL", _span), Column("duration_s", "REAL", _span),
        Column("confidence", "REAL", _real(0, 1)), Column("ended_by", "TEXT", _text(32)),
    ), "session, stream, name", _of_stream),
    Table("frame", (
        _session, _stream, Column("sequence", "INTEGER", _count), Column("data", "TEXT", _object),
    ), "session, stream, sequence", _of_stream),
    Table("conversation", (
        _session, Column("heard_s", "REAL", _span),
        Column("person_s", "REAL", _span), Column("person_turns", "INTEGER", _count),
        Column("companion_s", "REAL", _span), Column("companion_turns", "INTEGER", _count),
    ), "session", _of_session),
    Table("rating", (
        Column("id", "INTEGER", _whole(1, 1 << 31)), Column("at", "TEXT", _utc), _offset, _zone,
        Column("mood", "INTEGER", _whole(MOODS[0], MOODS[-1]), optional=True),
        Column("note", "TEXT", _words(2000), optional=True),
    ), "id"),
    Table("export", (
        Column("id", "INTEGER", _whole(1, 1 << 31)), Column("at", "TEXT", _utc),
        Column("format", "TEXT", _text(16)), Column("path", "TEXT", _text(4096)),
        Column("consent", "INTEGER", _whole(1, 1 << 31)), Column("sha256", "TEXT", _text(64)),
    ), "id", "FOREIGN KEY (consent) REFERENCES consent (id)"),
)  # fmt: skip
"""In the order in which rows can be put in: what is referred to comes first."""

BY_NAME = {table.name: table for table in TABLES}
