"""What the commands of the journal do: each is audited, and answers with what it has to tell."""

from __future__ import annotations

import hashlib
from argparse import Namespace
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from serd.errors import ConfigError, UsageError, escaped
from serd.journal import consent as agreement
from serd.journal.crash import mend
from serd.journal.keys import PersonKey, check_pseudonym
from serd.journal.moment import Moment
from serd.journal.person import NotWrittenError, PersonFile
from serd.journal.reading import as_dict, day_of, read
from serd.journal.recorder import Recorder, ended_by_signals
from serd.journal.retention import enforce
from serd.journal.store import Store
from serd.journal.tables import BY_NAME
from serd.journal.words import Words

Answer = dict[str, Any]


def check_consent(store: Store, given: Namespace, words: Words, now: Moment) -> dict[str, Any]:
    """The row of a consent that is asked for. Raises UsageError for what cannot be agreed to here."""
    check_pseudonym(given.person)
    store.check(given.second_secret, False if given.plain else None)
    return agreement.asked(
        words, now, purpose=given.purpose, until=given.until, by=given.by, contact=given.contact
    )  # fmt: skip


def consent(store: Store, given: Namespace, words: Words, now: Moment) -> Answer:
    """Record what was agreed to; the person is new, or agrees again."""
    row = check_consent(store, given, words, now)
    store.make(second=given.second_secret, encrypted=False if given.plain else None)
    new = given.person not in store.people()
    key = store.add(given.person) if new else store.key(given.person)
    try:
        store.log(key, "consent", now, **{name: row[name] for name in ("notice", "language", "until", "by")})
        with store.open(key) as file:
            agreement.grant(file, row)
    except BaseException:
        if new:
            store.forget(key)
        raise
    return {"person": given.person, "number": key.number, "until": row["until"], "encrypted": store.policy.encrypted}


def start(store: Store, given: Namespace, now: Moment) -> Answer:
    """Record until the end."""
    from serd.events.subscribe import subscribe

    if given.minutes is not None and not 0 < given.minutes <= 24 * 60:
        raise UsageError(f"--minutes {given.minutes}: give more than 0, and a day at most")
    enforce(store, now)
    key = store.key(given.person)
    with ExitStack() as stack:
        stack.enter_context(store.lock(key).held())
        file = stack.enter_context(store.open(key))
        mend(store, key, file, now)
        allowed = agreement.demand(file, given.person, now)
        check_text("session", "note", given.note)
        keys = {"server_key": given.server_key, "keys": given.reader_keys}
        events = [stack.enter_context(subscribe(one, source=given.source, **keys)) for one in given.endpoint]
        limit_s = None if given.minutes is None else 60 * given.minutes
        store.log(key, "start", now, frames=given.frames)
        recorder = Recorder(file, allowed, now, note=given.note, frames=given.frames, limit_s=limit_s)
        with ended_by_signals(recorder):
            given.began(recorder.session)
            reason = recorder.run(events)
        store.log(key, "end", Moment.now(), by=reason, dropped=recorder.dropped)
        found = next(one for one in read(file, given.person).sessions if one.id == recorder.session)
    return as_dict(found)


def stop(store: Store, person: str | None, _now: Moment) -> Answer:
    """End the session of a person, or the store's only one."""
    running = [key for key in store.people().values() if store.lock(key).holder() is not None]
    if person is not None:
        running = [key for key in running if key == store.key(person)]
    if not running:
        raise UsageError(f"no session is running in {store.folder}" + (f" of {person}" if person else ""))
    if len(running) > 1:
        named = ", ".join(sorted(key.person for key in running))
        raise UsageError(f"more than one session is running ({named}); say whose: serd journal stop P")
    store.lock(running[0]).end()
    return {"person": running[0].person, "stopped": True}


def rate(store: Store, given: Namespace, now: Moment) -> Answer:
    """Record how the person feels, in the person's own words and numbers."""
    key = store.key(given.person)
    if given.mood is None and not given.note:
        raise UsageError("rate: nothing to record; give --mood 1..9, --note TEXT, or both")
    row = {"at": now.text, "offset_min": now.offset_min, "zone": now.zone, "mood": given.mood, "note": given.note}
    with store.open(key) as file:
        agreement.demand(file, given.person, now)
        row["id"] = file.next_id("rating")
        if fault := BY_NAME["rating"].fault(row):
            raise UsageError(f"rate: {fault}; give --mood 1..9 and a --note of up to 2000 characters")
        store.log(key, "rate", now)
        with file.transaction():
            file.put("rating", [row])
    return {"person": given.person, "mood": given.mood}


def withdraw(store: Store, person: str, now: Moment) -> Answer:
    """End the consent, and with it a session that runs."""
    key = store.key(person)
    try:
        with store.open(key) as file:
            if not agreement.withdraw(file, now):
                raise UsageError(f"person {person}: no consent is active, so there is none to withdraw")
    except NotWrittenError as error:
        if store.lock(key).end():  # nobody is heard any more, whatever the disk says
            raise NotWrittenError(f"{error}; the session is over, withdraw again then") from None
        raise
    store.log(key, "withdraw", now)
    return {"person": person, "withdrawn": now.text, "session_ended": store.lock(key).wait()}


def erase(store: Store, given: Namespace, now: Moment) -> Answer:
    """Destroy a person's key and file; the exports that have left are listed."""
    key = store.key(given.person)
    check_text("session", "note", given.reason)
    store.lock(key).end()
    listed: list[dict[str, Any]] = []
    try:
        with store.open(key) as file:
            listed = file.rows("export")
    except ConfigError:  # damaged, or its second secret is gone: all the more reason to go on
        pass
    store.erase(key, given.reason, now, Counter(row["format"] for row in listed))
    exports = [{"format": row["format"], "at": row["at"], "path": row["path"]} for row in listed]
    return {"number": key.number, "erased": now.text, "exports": exports, "encrypted": store.policy.encrypted}


def listing(store: Store, now: Moment) -> Answer:
    """Who has a journal here, and whose was erased."""
    people = []
    for person, key in sorted(store.people().items()):
        with store.open(key) as file:
            allowed = agreement.active(file, now)
            sessions = file.rows("session")
        people.append({
            "person": person, "number": key.number, "consent_until": allowed.until if allowed else None,
            "sessions": len(sessions), "running": store.lock(key).holder() is not None,
            "last": max((row["started_at"] for row in sessions), default=None),
        })  # fmt: skip
    gone = [{"number": one.who, "at": one.at, "reason": one.detail.get("reason")} for one in store.tombstones()]
    return {"store": str(store.folder), "people": people, "erased": gone}


def period(given: Namespace) -> tuple[Any, Any]:
    """The days of --from and --to. Raises UsageError."""
    first, last = day_of(given.first, "--from"), day_of(given.last, "--to")
    if first and last and last < first:
        raise UsageError(f"--to {last}: comes before --from {first}")
    return first, last


def record_export(
    store: Store, key: PersonKey, file: PersonFile, now: Moment, *, form: str, out: Path, content: bytes
) -> None:
    """Audit that something leaves, and under which consent.

    Where it went and its hash are kept in the person's own file alone: by a hash whoever has what left could tell whom
    a number meant, after an erasure, too.
    """
    given = agreement.consents(file)
    if not given:
        raise UsageError(f"person {key.person}: no consent was ever given, so nothing leaves")
    last = given[-1]
    digest = hashlib.sha256(content).hexdigest()
    store.log(key, "export", now, format=form, consent=last.id, active=last.is_active(now))
    row = {"id": file.next_id("export"), "at": now.text, "format": form, "path": escaped(str(out.absolute()))[:4096],
           "consent": last.id, "sha256": digest}  # fmt: skip
    with file.transaction():
        file.put("export", [row])


def check_text(table: str, name: str, value: str | None) -> None:
    """Raises UsageError for a text that cannot be kept."""
    column = next(column for column in BY_NAME[table].columns if column.name == name)
    if value is not None and not column.check(value):
        raise UsageError(f"{name}: cannot be kept; give 1 to 2000 characters without control characters")


def take_in(store: Store, path: Path, now: Moment) -> Answer:
    """Import a journal into a store, made where there is none, that does not know its person."""
    from serd.journal import importing

    document = importing.load(path)
    store.make()
    key = store.add(document["person"])
    try:
        with store.open(key) as file:
            store.log(key, "import", now, sessions=len(document["tables"]["session"]))
            sessions = importing.put(file, document, str(path))
    except BaseException:
        store.forget(key)
        raise
    return {"person": key.person, "number": key.number, "sessions": sessions}


def retain(store: Store, sessions_days: int | None, frames_days: int | None, now: Moment) -> Answer:
    """Change the policy, and keep to it at once."""
    for name, days in (("--sessions-days", sessions_days), ("--frames-days", frames_days)):
        if days is not None and not 1 <= days <= 36500:
            raise UsageError(f"{name} {days}: give 1 to 36500")
    if sessions_days or frames_days:
        store.limit(sessions_days, frames_days)
        store.log(None, "policy", now, sessions_days=store.policy.sessions_days, frames_days=store.policy.frames_days)
    removed = enforce(store, now)
    policy = store.policy
    return {"sessions_days": policy.sessions_days, "frames_days": policy.frames_days, "removed": removed}
