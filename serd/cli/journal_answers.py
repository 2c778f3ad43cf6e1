"""What `serd journal` says: one function for each of its commands, `on_NAME`. False: it found something wrong."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from serd.defaults import ENDPOINT
from serd.errors import UsageError
from serd.journal import commands
from serd.journal.moment import Moment
from serd.journal.reading import read
from serd.journal.store import Store
from serd.journal.words import Words


def on_consent(store: Store, given: Namespace, words: Words) -> None:
    """Show the notice, ask, record."""
    ask = words.names("ask")
    lines = (
        words.notice,
        f"{ask['purpose']}: {given.purpose}",
        f"{ask['until']}: {given.until}",
        ask[f"by_{given.by}"],
    )
    print("\n".join(lines), file=sys.stderr if given.json else sys.stdout, flush=True)
    if not given.yes and not confirm(f"\n{ask['question']}", ("yes", "ja", "y", "j")):
        raise UsageError("consent: not given, nothing is recorded")
    answer = commands.consent(store, given, words, Moment.now())
    tell(given, answer, f"\n{answer['person']}: {ask['encrypted' if answer['encrypted'] else 'plain']}")


def on_start(store: Store, given: Namespace, _words: Words) -> None:
    """Record, in the foreground."""
    given.endpoint = given.endpoint or [ENDPOINT]
    given.began = lambda session: tell(given, {"session": session, "began": True}, f"session {session} has begun")
    answer = commands.start(store, given, Moment.now())
    text = (
        f"session {answer['session']} is over ({answer['ended_by']}): listened {answer['listened_s']:.0f} s,"
        f" speech {answer['speech_s']:.0f} s, coverage {100 * answer['coverage']:.0f} %"
    )
    tell(given, answer, text)


def on_stop(store: Store, given: Namespace, _words: Words) -> None:
    """End a session."""
    answer = commands.stop(store, given.person, Moment.now())
    tell(given, answer, f"{answer['person']}: the session is over")


def on_rate(store: Store, given: Namespace, _words: Words) -> None:
    """Record the person's own."""
    answer = commands.rate(store, given, Moment.now())
    tell(given, answer, f"{answer['person']}: recorded")


def on_report(store: Store, given: Namespace, words: Words) -> None:
    """Write a report."""
    from serd.journal.report import as_html, as_pdf

    out = Path(given.out)
    if out.suffix not in (".html", ".pdf"):
        raise UsageError(f"--out {out}: a report is .html or .pdf; name it so")
    first, last = commands.period(given)
    key, now = store.key(given.person), Moment.now()
    with store.open(key) as file:
        page = as_html(read(file, given.person, first, last), words)
        content = page.encode() if out.suffix == ".html" else as_pdf(page, given.pdf_variant)
        commands.record_export(store, key, file, now, form=f"report-{out.suffix[1:]}", out=out, content=content)
    write_out(out, content)
    tell(given, {"person": given.person, "out": str(out), "bytes": len(content)}, f"{out}: {len(content)} bytes")


def on_export(store: Store, given: Namespace, words: Words) -> None:
    """Write an export."""
    out, now = Path(given.out), Moment.now()
    first, last = commands.period(given)
    if given.format == "json" and (first or last):
        raise UsageError("--from, --to: a journal's JSON is all of it; leave them out")
    key = store.key(given.person)
    with store.open(key) as file:
        content = _content(file, given, (first, last), words, now)
        commands.record_export(store, key, file, now, form=given.format, out=out, content=content)
    write_out(out, content)
    tell(given, {"person": given.person, "out": str(out), "bytes": len(content)}, f"{out}: {len(content)} bytes")


def _content(file: Any, given: Namespace, period: tuple[Any, Any], words: Words, now: Moment) -> bytes:
    from serd.journal import export

    if given.format == "json":
        return export.as_json(file, given.person)
    reading = read(file, given.person, *period)
    if given.format == "csv":
        return export.as_csv(reading)
    if given.format == "parquet":
        return export.as_parquet(reading)
    from serd.journal.fhir import as_fhir
    from serd.journal.report import as_html

    return as_fhir(reading, words, now, as_html(reading, words), snomed=given.snomed)


def on_import(store: Store, given: Namespace, _words: Words) -> None:
    """Take in a journal."""
    answer = commands.take_in(store, Path(given.file), Moment.now())
    tell(given, answer, f"{answer['person']}: {answer['sessions']} sessions are here now")


def on_withdraw(store: Store, given: Namespace, _words: Words) -> None:
    """End a consent."""
    answer = commands.withdraw(store, given.person, Moment.now())
    tell(given, answer, f"{answer['person']}: withdrawn; nothing is recorded from now on, what is there stays")


def on_erase(store: Store, given: Namespace, words: Words) -> None:
    """Destroy a journal."""
    store.key(given.person)
    if not given.yes and not confirm(words.names("ask")["question_erase"], (given.person,)):
        raise UsageError("erase: not confirmed, nothing is erased")
    answer = commands.erase(store, given, Moment.now())
    lines = [f"{answer['number']}: erased, file and key"]
    if not answer["encrypted"]:
        lines.append("it was not encrypted: it was overwritten, but disks and file systems may keep older copies of it")
    lines += [
        f"handed out before, erase it there: {one['format']} {one['path']} ({one['at']})" for one in answer["exports"]
    ]
    tell(given, answer, "\n".join(lines))


def on_retain(store: Store, given: Namespace, _words: Words) -> None:
    """Set the policy, and keep to it."""
    answer = commands.retain(store, given.sessions_days, given.frames_days, Moment.now())
    kept = [f"{name} {answer[name] or 'as long as the consent says'}" for name in ("sessions_days", "frames_days")]
    tell(given, answer, f"{', '.join(kept)}; removed from {len(answer['removed'])} journals")


def on_audit(store: Store, given: Namespace, _words: Words) -> None:
    """Print what was done."""
    fields = ("at", "act", "who", "uid", "detail", "hash")
    entries: list[dict[str, Any]] = [{name: getattr(one, name) for name in fields} for one in store.audit.entries()]
    lines = (
        f"{one['at']}  {one['act']:<10} {one['who'] or '-':<16}  uid {one['uid']}  "
        + " ".join(f"{name}={value}" for name, value in one["detail"].items())
        for one in entries
    )
    tell(given, entries, "\n".join(lines))


def on_verify(store: Store, given: Namespace, _words: Words) -> bool:
    """Check the audit and the files."""
    faults = store.faults(given.head) if store.is_made else [f"store {store.folder}: no journal there"]
    entries = [] if faults else store.audit.entries()
    head = entries[-1].hash if entries else None
    answer = {"sound": not faults, "faults": faults, "lines": len(entries), "head": head}
    text = "\n".join(faults) or f"as it was written: {len(entries)} lines, head {head}"
    tell(given, answer, text)
    return not faults


def on_list(store: Store, given: Namespace, _words: Words) -> None:
    """Print who has a journal."""
    answer = commands.listing(store, Moment.now())
    lines = [
        f"{one['person']:<32} {one['number']}  {one['sessions']:>4} sessions  "
        f"{'consent until ' + one['consent_until'] if one['consent_until'] else 'no consent'}"
        f"{'  recording' if one['running'] else ''}"
        for one in answer["people"]
    ] + [f"{'(erased)':<32} {one['number']}  {one['at']}  {one['reason']}" for one in answer["erased"]]
    tell(given, answer, "\n".join(lines) or f"nobody has a journal in {answer['store']}")


def tell(given: Namespace, answer: Any, text: str) -> None:
    """Print the answer, as JSON if that was asked for."""
    print(json.dumps(answer, ensure_ascii=False) if given.json else text, flush=True)


def confirm(question: str, wanted: tuple[str, ...]) -> bool:
    """Ask at the terminal. Raises UsageError where there is none."""
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here (no terminal); --yes says that it is agreed to")
    return input(question).strip() in wanted


def write_out(path: Path, content: bytes) -> None:
    """Write a file that leaves, for this account's eyes. Raises UsageError."""
    from serd.system.paths import write_whole

    try:
        write_whole(path, content)
    except OSError as error:
        raise UsageError(
            f"--out {path}: cannot be written ({error.strerror}); give a file in a folder of yours"
        ) from None
