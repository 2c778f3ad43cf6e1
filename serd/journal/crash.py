"""Sessions that their recorder left open, killed or without power: whoever opens the journal next closes them."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta

from serd.errors import UsageError
from serd.journal.keys import PersonKey
from serd.journal.moment import Moment, parse_utc, utc_text
from serd.journal.person import PersonFile
from serd.journal.store import Store

OPEN = "ended_at IS NULL"


def settle(store: Store, key: PersonKey, file: PersonFile, now: Moment) -> None:
    """Close what a crash left open, unless somebody records. Raises UsageError."""
    if not file.rows("session", OPEN):
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(store.lock(key).held())
        except UsageError:  # it is not over
            return
        mend(store, key, file, now)


def mend(store: Store, key: PersonKey, file: PersonFile, now: Moment) -> None:
    """Close what a crash left open; by who holds the lock. Raises UsageError."""
    for session in close_crashed(file):
        store.log(key, "end", now, by="crash", session=session)


def close_crashed(file: PersonFile) -> list[str]:
    """Close sessions that are open, at the time until which they were written; their ids. Raises NotWrittenError."""
    left = file.rows("session", OPEN)
    if left:
        with file.transaction():
            for row in left:
                ended = utc_text(parse_utc(row["started_at"]) + timedelta(seconds=row["elapsed_s"]))
                change = "UPDATE session SET ended_at = :at, ended_by = 'crash' WHERE id = :id"
                file.change(change, at=ended, id=row["id"])
    return [row["id"] for row in left]
