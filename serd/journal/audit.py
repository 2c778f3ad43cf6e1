"""The audit: who did what to whose journal, one JSON line each, chained by hashes (Schneier and Kelsey, 1999).

Each line holds the hash of the one before, so a changed or removed line breaks the chain; how far it goes is kept in
a second file, which tells when its end is cut off. Lines name a person by a number, never by the pseudonym, and hold
no word that a person wrote, but the reason of an erasure. Whoever may write both files can forge all of it: note the
head elsewhere, and give it to `verify`.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serd.errors import UsageError, escaped
from serd.system.paths import write_whole

START = "0" * 64
"""What the first line has for the hash of the one before."""

LONGEST = 20_000
"""Bytes of a line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line."""

    n: int
    at: str
    act: str
    who: str
    uid: int
    detail: dict[str, Any]
    hash: str


class Audit:
    """`audit.jsonl` in a store's folder, and `audit.head` beside it."""

    def __init__(self, folder: Path) -> None:
        self.path, self._head = folder / "audit.jsonl", folder / "audit.head"

    def add(self, at: str, act: str, who: str = "", **detail: Any) -> Entry:
        """Append what was done, at `at` (UTC text), to the person with this number; on the disk when it returns.

        Raises UsageError where it cannot be written: what cannot be audited must not be done.
        """
        try:
            with self._locked():
                entries, whole = self._scan()
                last = entries[-1] if entries else None
                body = {"n": last.n + 1 if last else 0, "at": at, "act": act, "who": who, "uid": os.getuid()}
                body |= {"detail": detail, "previous": last.hash if last else START}
                line = {**body, "hash": _hash(body)}
                with self.path.open("r+b") as file:
                    file.truncate(whole)  # a line that a crash left unfinished
                    file.seek(whole)
                    file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                write_whole(self._head, f"{line['n']} {line['hash']}\n".encode())
        except OSError as error:
            raise UsageError(f"audit {self.path}: cannot be written ({error.strerror}); make room there") from None
        return _entry(line)

    def entries(self) -> list[Entry]:
        """All whole lines. Raises UsageError where one is none."""
        if not self.path.exists():
            return []
        try:
            return self._scan()[0]
        except OSError as error:
            raise UsageError(f"audit {self.path}: cannot be read ({error.strerror}); make it your own") from None

    def faults(self, head: str | None = None) -> list[str]:
        """What has been tampered with, a line each. `head`: a hash noted earlier, which must be in the chain."""
        try:
            entries = self.entries()
        except UsageError as error:
            return [str(error)]
        found: list[str] = []
        try:
            told, _, hashed = self._head.read_text("ascii", "replace").strip().partition(" ")
            last = int(told)
        except (OSError, ValueError):
            last, hashed = -1, ""
            if entries:
                found.append("audit.head: missing or damaged, so a cut end would not be seen")
        if last >= len(entries):
            found.append(f"the end is cut off: {last + 1} lines were written, {len(entries)} are left")
        elif last >= 0 and entries[last].hash != hashed:
            found.append(f"line {last + 1}: is not the one that was written")
        if head is not None and head not in {entry.hash for entry in entries}:
            found.append(f"head {escaped(head[:64])}: is not in the chain")
        return found

    def _scan(self) -> tuple[list[Entry], int]:
        """The lines, and the bytes that they take. Raises UsageError at the first that breaks the chain."""
        entries: list[Entry] = []
        previous, whole = START, 0
        with self.path.open("rb") as file:
            for number, raw in enumerate(file):
                if not raw.endswith(b"\n"):
                    break
                try:
                    line: Any = json.loads(raw.decode()) if len(raw) <= LONGEST else None
                    body = {name: value for name, value in line.items() if name != "hash"}
                    sound = body["previous"] == previous and body["n"] == number and line["hash"] == _hash(body)
                    entry = _entry(line)
                except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                    sound = False
                if not sound:
                    raise UsageError(f"audit {self.path}: line {number + 1} was changed, or one before it removed;"
                                     " put the file back from a copy")  # fmt: skip
                entries.append(entry)
                previous, whole = entry.hash, whole + len(raw)
        return entries, whole

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _hash(body: dict[str, Any]) -> str:
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _entry(line: dict[str, Any]) -> Entry:
    """Raises KeyError, TypeError for what is none."""
    fields = {name: line[name] for name in ("n", "at", "act", "who", "uid", "detail", "hash")}
    if not all(isinstance(fields[name], str) for name in ("at", "act", "who", "hash")):
        raise TypeError("not an entry")
    if not isinstance(fields["detail"], dict):
        raise TypeError("not an entry")
    return Entry(**fields)
