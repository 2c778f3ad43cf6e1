"""A person's file as a report or an export wants it: the sessions of a period with their figures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from serd.errors import UsageError
from serd.journal.consent import Consent, consents
from serd.journal.moment import local
from serd.journal.person import PersonFile, Row
from serd.journal.summary import Summary, summarize

GROUPED = ("stream", "bin", "absence", "conversation")
"""Tables of what a session holds."""
CLOSED = "ended_at IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a person's journal holds of a period."""

    person: str
    first: date | None
    last: date | None
    """Days as asked for; None: without a limit."""
    sessions: tuple[Summary, ...]
    """Sessions that have ended, by the time at which they began."""
    earlier: tuple[Summary, ...]
    """Those before the period: they are not shown, but tell what is usual."""
    bins: dict[str, list[Row]]
    """By session, in the order of the position in it."""
    absences: dict[str, list[Row]]
    ratings: tuple[Row, ...]
    consents: tuple[Consent, ...]


def read(file: PersonFile, person: str, first: date | None = None, last: date | None = None) -> Reading:
    """Read the sessions that began from the day `first` to the day `last`, as calendars there had it.

    Raises ConfigError.
    """
    rows = [row for row in file.rows("session", CLOSED, "started_at, id") if within(row, "started_at", None, last)]
    grouped = {name: _by_session(file, name, {row["id"] for row in rows}) for name in GROUPED}
    sessions, earlier = list[Summary](), list[Summary]()
    for row in rows:
        parts = {name: grouped[name][row["id"]] for name in grouped}
        summary = summarize(row, *(parts[name] for name in GROUPED))
        (sessions if within(row, "started_at", first, None) else earlier).append(summary)
    ratings = [row for row in file.rows("rating", order="at, id") if within(row, "at", first, last)]
    return Reading(
        person, first, last, tuple(sessions), tuple(earlier), grouped["bin"], grouped["absence"], tuple(ratings),
        tuple(consents(file)),
    )  # fmt: skip


def within(row: Row, at: str, first: date | None, last: date | None) -> bool:
    """Whether a row's time is within the days given."""
    day = local(row[at], row["offset_min"]).date()
    return (first is None or first <= day) and (last is None or day <= last)


def day_of(text: str | None, flag: str) -> date | None:
    """A day as given on the command line. Raises UsageError."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{flag} {text}: no day; give YYYY-MM-DD") from None


def _by_session(file: PersonFile, table: str, chosen: set[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    order = {"stream": "session, number", "conversation": "session"}.get(table, "session, at_s, number")
    for row in file.rows(table, order=order):
        if row["session"] in chosen:
            found[row["session"]].append(row)
    return found


def as_dict(summary: Summary) -> dict[str, Any]:
    """A session's figures for JSON."""
    coverage = summary.coverage
    return {
        "session": summary.id, "started_at": summary.started_at, "ended_by": summary.ended_by,
        "model": summary.context.model if summary.context else None,
        "origin": summary.context.origin if summary.context else None,
        "listened_s": coverage.listened_s, "speech_s": coverage.speech_s, "coverage": round(coverage.share, 4),
        "enough": summary.enough, "shares": {name: list(share) for name, share in summary.shares.items()},
        "conversation": summary.talk._asdict() if summary.talk else None,
    }  # fmt: skip
