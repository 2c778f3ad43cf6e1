"""Consent: who agreed to what, when, to which text; without one that is active nothing is written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from serd.errors import UsageError
from serd.journal.moment import Moment, local
from serd.journal.person import PersonFile, Row
from serd.journal.tables import BY_NAME
from serd.journal.words import Words


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person, or a guardian, agreed to."""

    id: int
    purpose: str
    contact: str | None
    until: str
    """The last day on which something may be written, as the calendar there has it."""
    by: str
    notice: str
    notice_sha256: str
    language: str
    agreed_at: str
    offset_min: int
    zone: str
    withdrawn_at: str | None

    def is_active(self, now: Moment) -> bool:
        """Whether it allows to write now."""
        return self.withdrawn_at is None and today(now) <= date.fromisoformat(self.until)


def today(now: Moment) -> date:
    """The day where somebody is."""
    return local(now.text, now.offset_min).date()


def asked(words: Words, now: Moment, *, purpose: str, until: str, by: str, contact: str | None) -> Row:
    """The row of a consent to be given now. Raises UsageError for what cannot be agreed to."""
    text = words.notice
    row: dict[str, Any] = {
        "id": 1, "purpose": purpose.strip(), "contact": contact, "until": until, "by": by,
        "notice": words.notice_version, "notice_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "language": words.language, "agreed_at": now.text, "offset_min": now.offset_min, "zone": now.zone,
    }  # fmt: skip
    if fault := BY_NAME["consent"].fault(row):
        raise UsageError(f"consent: {fault}; give --purpose TEXT --until YYYY-MM-DD --by self|guardian")
    if date.fromisoformat(until) < today(now):
        raise UsageError(f"--until {until}: is over already; give a day to come")
    return row


def grant(file: PersonFile, row: Row) -> None:
    """Record it; an earlier one that is still active ends, for only one holds at a time. Raises NotWrittenError."""
    with file.transaction():
        file.change("UPDATE consent SET withdrawn_at = :at WHERE withdrawn_at IS NULL", at=row["agreed_at"])
        file.put("consent", [row | {"id": file.next_id("consent")}])


def withdraw(file: PersonFile, now: Moment) -> bool:
    """End what is active; whether anything was. Raises NotWrittenError."""
    if active(file, now) is None:
        return False
    with file.transaction():
        file.change("UPDATE consent SET withdrawn_at = :at WHERE withdrawn_at IS NULL", at=now.text)
    return True


def consents(file: PersonFile) -> list[Consent]:
    """All, in the order in which they were given."""
    return [Consent(**row) for row in file.rows("consent")]


def active(file: PersonFile, now: Moment) -> Consent | None:
    """The one that allows to write now."""
    return next((one for one in reversed(consents(file)) if one.is_active(now)), None)


def demand(file: PersonFile, person: str, now: Moment) -> Consent:
    """The active consent. Raises UsageError where there is none."""
    found = active(file, now)
    if found is None:
        raise UsageError(
            f"person {person}: no consent is active, so nothing is written;"
            f" serd journal consent {person} --purpose TEXT --until DATE --by self|guardian"
        )
    return found
