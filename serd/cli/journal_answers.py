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
from serd.journal.crash import settle
from serd.journal.moment import Moment
from serd.journal.person import has_encryption
from serd.journal.reading import read
from serd.journal.retention import kept
from serd.journal.store import Store
from serd.journal.words import Words
from serd.system.paths import at_home


def on_consent(store: Store, args: Namespace, words: Words) -> None:
    """Show the notice, ask, record."""
    ask = words.names("ask")
    commands.check_consent(store, args, words, Moment.now())
    lines = [
        words.notice,
        f"{ask['purpose']}: {args.purpose}",
        f"{ask['until']}: {args.until}",
        f"{ask['kept']}: {kept(store, words)}",
        *([f"{ask['contact']}: {args.contact}"] if args.contact else []),
        ask[f"by_{args.by}"],
    ]
    print("\n".join(lines), file=sys.stderr if args.json else sys.stdout, flush=True)
    if not args.yes and confirm(f"\n{ask['question']}").casefold() not in ("yes", "ja", "y", "j"):
        raise UsageError("consent: not given, nothing is recorded")
    answer = commands.consent(store, args, words, Moment.now())
    told = "encrypted" if answer["encrypted"] else "plain" if not has_encryption() else "plain_store"
    tell(args, answer, f"\n{answer['person']}: {ask[told]}")


def on_start(store: Store, args: Namespace, _words: Words) -> None:
    """Record, in the foreground."""
    args.endpoint = args.endpoint or [ENDPOINT]
    args.began = lambda session: tell(args, {"session": session, "began": True}, f"session {session} has begun")
    answer = commands.start(store, args, Moment.now())
    text = (
        f"session {answer['session']} is over ({answer['ended_by']}): listened {answer['listened_s']:.0f} s,"
        f" speech {answer['speech_s']:.0f} s, coverage {100 * answer['coverage']:.0f} %"
    )
    tell(args, answer, text)


def on_stop(store: Store, args: Namespace, _words: Words) -> None:
    """End a session."""
    answer = commands.stop(store, args.person, Moment.now())
    tell(args, answer, f"{answer['person']}: the session is over")


def on_rate(store: Store, args: Namespace, _words: Words) -> None:
    """Record the person's own."""
    answer = commands.rate(store, args, Moment.now())
    tell(args, answer, f"{answer['person']}: recorded")


def on_report(store: Store, args: Namespace, words: Words) -> None:
    """Write a report."""
    from serd.journal.report import as_html, as_pdf

    out = target(args.out)
    if out.suffix not in (".html", ".pdf"):
        raise UsageError(f"--out {out}: a report is .html or .pdf; name it so")
    first, last = commands.period(args)
    key, now = store.key(args.person), Moment.now()
    with store.open(key) as file:
        settle(store, key, file, now)
        page = as_html(read(file, args.person, first, last), words)
        content = page.encode() if out.suffix == ".html" else as_pdf(page, args.pdf_variant)
        commands.record_export(store, key, file, now, form=f"report-{out.suffix[1:]}", out=out, content=content)
    write_out(out, content)
    tell(args, {"person": args.person, "out": str(out), "bytes": len(content)}, f"{out}: {len(content)} bytes")


def on_export(store: Store, args: Namespace, words: Words) -> None:
    """Write an export."""
    out, now = target(args.out), Moment.now()
    first, last = commands.period(args)
    if args.format == "json" and (first or last):
        raise UsageError("--from, --to: a journal's JSON is all of it; leave them out")
    key = store.key(args.person)
    with store.open(key) as file:
        settle(store, key, file, now)
        content = _content(file, args, (first, last), words, now)
        commands.record_export(store, key, file, now, form=args.format, out=out, content=content)
    write_out(out, content)
    tell(args, {"person": args.person, "out": str(out), "bytes": len(content)}, f"{out}: {len(content)} bytes")


def _content(file: Any, args: Namespace, period: tuple[Any, Any], words: Words, now: Moment) -> bytes:
    from serd.journal import export

    if args.format == "json":
        return export.as_json(file, args.person)
    reading = read(file, args.person, *period)
    if args.format == "csv":
        return export.as_csv(reading)
    if args.format == "parquet":
        return export.as_parquet(reading)
    from serd.journal.fhir import as_fhir
    from serd.journal.report import as_html

    return as_fhir(reading, words, now, as_html(reading, words), snomed=args.snomed)


def on_import(store: Store, args: Namespace, _words: Words) -> None:
    """Take in a journal."""
    answer = commands.take_in(store, Path(at_home(args.file)), Moment.now())
    tell(args, answer, f"{answer['person']}: {answer['sessions']} sessions are here now")


def on_withdraw(store: Store, args: Namespace, _words: Words) -> None:
    """End a consent."""
    answer = commands.withdraw(store, args.person, Moment.now())
    tell(args, answer, f"{answer['person']}: withdrawn; nothing is recorded from now on, what is there stays")


def on_erase(store: Store, args: Namespace, words: Words) -> None:
    """Destroy a journal."""
    store.key(args.person)
    if not args.yes and confirm(words.names("ask")["question_erase"]) != args.person:
        raise UsageError("erase: not confirmed, nothing is erased")
    answer = commands.erase(store, args, Moment.now())
    lines = [f"{answer['number']}: erased, file and key"]
    if not answer["encrypted"]:
        lines.append("it was not encrypted: it was overwritten, but disks and file systems may keep older copies of it")
    lines += [
        f"handed out before, erase it there: {one['format']} {one['path']} ({one['at']})" for one in answer["exports"]
    ]
    tell(args, answer, "\n".join(lines))


def on_retain(store: Store, args: Namespace, _words: Words) -> None:
    """Set the policy, and keep to it."""
    answer = commands.retain(store, args.sessions_days, args.frames_days, Moment.now())
    rules = [f"{name} {answer[name] or 'until erased'}" for name in ("sessions_days", "frames_days")]
    tell(args, answer, f"{', '.join(rules)}; removed from {len(answer['removed'])} journals")


def on_audit(store: Store, args: Namespace, _words: Words) -> None:
    """Print what was done."""
    fields = ("at", "act", "who", "uid", "detail", "hash")
    entries: list[dict[str, Any]] = [{name: getattr(one, name) for name in fields} for one in store.audit.entries()]
    lines = (
        f"{one['at']}  {one['act']:<10} {one['who'] or '-':<16}  uid {one['uid']}  "
        + " ".join(f"{name}={value}" for name, value in one["detail"].items())
        for one in entries
    )
    tell(args, entries, "\n".join(lines) or f"nothing has been done in {store.folder}")


def on_verify(store: Store, args: Namespace, _words: Words) -> bool:
    """Check the audit and the files."""
    faults = store.faults(args.head) if store.is_made else [f"store {store.folder}: no journal there"]
    entries = [] if faults else store.audit.entries()
    head = entries[-1].hash if entries else None
    answer = {"sound": not faults, "faults": faults, "lines": len(entries), "head": head}
    text = "\n".join(faults) or f"as it was written: {len(entries)} lines, head {head}"
    tell(args, answer, text)
    return not faults


def on_list(store: Store, args: Namespace, _words: Words) -> None:
    """Print who has a journal."""
    answer = commands.listing(store, Moment.now())
    lines = [
        f"{one['person']:<32} {one['number']}  {one['sessions']:>4} sessions  "
        f"{'consent until ' + one['consent_until'] if one['consent_until'] else 'no consent'}"
        f"{'  recording' if one['running'] else ''}"
        for one in answer["people"]
    ] + [f"{'(erased)':<32} {one['number']}  {one['at']}  {one['reason']}" for one in answer["erased"]]
    tell(args, answer, "\n".join(lines) or f"nobody has a journal in {answer['store']}")


def tell(args: Namespace, answer: Any, text: str) -> None:
    """Print the answer, as JSON if that was asked for."""
    print(json.dumps(answer, ensure_ascii=False) if args.json else text, flush=True)


def confirm(question: str) -> str:
    """What is typed at the terminal; empty if it is closed instead. Raises UsageError where there is none."""
    if not sys.stdin.isatty():
        raise UsageError("nobody can be asked here (no terminal); --yes says that it is agreed to")
    print(question, end="", file=sys.stderr, flush=True)  # standard output may be a program's to read
    return sys.stdin.readline().strip()


def target(out: str) -> Path:
    """Where something is to be written, before anything says that it left. Raises UsageError."""
    path = Path(at_home(out))
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"--out {out}: no file can be there; give one in a folder of yours")
    return path


def write_out(path: Path, content: bytes) -> None:
    """Write a file that leaves, for this account's eyes. Raises UsageError."""
    from serd.system.paths import write_whole

    try:
        write_whole(path, content)
    except OSError as error:
        raise UsageError(
            f"--out {path}: cannot be written ({error.strerror}); give a file in a folder of yours"
        ) from None
