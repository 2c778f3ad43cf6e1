"""An archive: the folder of the tables, and what of them is there already.

What is done is known from the parts of `files` alone. The rest is made good when the archive is opened: drafts and
parts of batches that were not finished are removed, and `failures.csv` is written anew from the parts.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import fcntl
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

from serd.errors import OutputError, UsageError
from serd.scoring.batch import BatchSettings
from serd.scoring.part import FAILURES, TABLES, BatchResult, place

SETTINGS, LOCK, TABLE_OF_FAILURES = "archive.json", "archive.lock", "failures.csv"


class Archive:
    """The tables' folder. Only one process writes it at a time: use it within `held`."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.done: set[str] = set()
        """Files that need not be heard: they have their rows, or their reason why not."""
        self.failures: dict[str, str] = {}
        """Files that could not be heard, and why."""
        self._next = 1

    @contextlib.contextmanager
    def held(self, settings: BatchSettings, folders: Sequence[str]) -> Iterator[None]:
        """Be the only one who writes here; makes the folder, reads what is there, tidies up.

        `settings` are those of all rows: the model's name with its version, and of a profile the checksum. The files
        are in `folders`.

        Raises UsageError where another process is at it or what is there was made with other settings, OutputError.
        """
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.out / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise OutputError(
                f"archive: {self.out}: cannot be written ({error.strerror}); give another --out"
            ) from None
        try:
            self._take(lock)
            try:
                self._agree(settings, folders)
                self._tidy(settings.windows)
                self._read()
                self._tell()
            except OSError as error:
                raise OutputError(f"archive: {self.out}: cannot be used ({error.strerror}); check it") from None
            yield
        finally:
            os.close(lock)

    def number(self) -> int:
        """The number of a further part."""
        self._next += 1
        return self._next - 1

    def committed(self, number: int) -> bool:
        """Whether the part of this number is there, whoever wrote it may have told or not."""
        return place(self.out, "files", number).exists()

    def told(self, number: int) -> BatchResult:
        """What the part of this number says. Raises UsageError."""
        files, seconds, failures = read(place(self.out, "files", number))
        return BatchResult(number, len(files), failures, seconds)

    def discard(self, number: int) -> None:
        """Remove what a batch that was not finished has left."""
        for table in TABLES:
            place(self.out, table, number).unlink(missing_ok=True)

    def failed(self, failures: dict[str, str]) -> None:
        """Add to the table of failures. Raises OutputError."""
        self.failures |= failures
        if failures:
            try:
                with (self.out / TABLE_OF_FAILURES).open("a", encoding="utf-8", newline="") as file:
                    file.write(_lines(failures))
            except OSError as error:
                raise OutputError(f"archive: {self.out}: cannot be written ({error.strerror}); make room") from None

    def _take(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            holder = os.pread(lock, 32, 0).decode(errors="replace").strip()
            raise UsageError(
                f"archive: {self.out}: is being written already (process {holder or 'unknown'}); wait for it, or give"
                " another --out"
            ) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, b"%d\n" % os.getpid(), 0)

    def _agree(self, settings: BatchSettings, folders: Sequence[str]) -> None:
        """See that what is there was made alike; folders may be added."""
        path = self.out / SETTINGS
        if path.exists():
            try:
                kept = json.loads(path.read_bytes())
                were = kept.pop("folders")
                before = BatchSettings(**kept)
            except (ValueError, TypeError, AttributeError, KeyError):
                raise UsageError(f"archive: {path}: damaged; give another --out") from None
            for name in (field.name for field in fields(settings)):
                was, wanted = getattr(before, name), getattr(settings, name)
                if was != wanted:
                    raise UsageError(
                        f"archive: {self.out}: was begun with {name} {was}, not {wanted}; go on with that, or give"
                        " another --out"
                    )
            for folder in were:
                if folder not in folders:
                    raise UsageError(
                        f"archive: {self.out}: was begun with {folder}; give it too, or another --out ({path} says"
                        " where the files are, if they have moved)"
                    )
        elif any(self.out.glob("files/*.parquet")):
            raise UsageError(f"archive: {self.out}: has tables of something else in it; give another --out")
        _replace(path, json.dumps({**asdict(settings), "folders": folders}, indent=1) + "\n")

    def _tidy(self, windows: bool) -> None:
        for table in TABLES:
            folder = self.out / table
            if table != "windows" or windows:
                folder.mkdir(exist_ok=True)
            for draft in folder.glob(".*.parquet.*"):
                draft.unlink()
        done = {path.name for path in (self.out / "files").glob("*.parquet")}
        for table in TABLES:
            for path in (self.out / table).glob("*.parquet"):
                if path.name not in done:
                    path.unlink()
        self._next = 1 + max((int(name.partition(".")[0]) for name in done), default=0)

    def _read(self) -> None:
        for path in sorted((self.out / "files").glob("*.parquet")):
            files, _, failures = read(path)
            self.done.update(files)
            self.failures |= failures
        for file in self.done & self.failures.keys():  # was tried again
            del self.failures[file]
        if (self.out / TABLE_OF_FAILURES).exists():
            self.done.update(self.failures)
        else:  # who removes it wants them tried again
            self.failures.clear()

    def _tell(self) -> None:
        _replace(self.out / TABLE_OF_FAILURES, _lines({"file": "reason"} | self.failures))


def read(path: Path) -> tuple[list[str], float, dict[str, str]]:
    """A part's heard files, their seconds, and those that could not be heard. Raises UsageError for a damaged part."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as part:
            rows = part.read(["file", "duration_s"])
            failures: dict[str, str] = json.loads((part.schema_arrow.metadata or {})[FAILURES])
    except (pa.ArrowInvalid, KeyError, ValueError):
        raise UsageError(
            f"archive: {path}: damaged, or none of serd's; remove it, and its files are heard again"
        ) from None
    return rows.column("file").to_pylist(), sum(rows.column("duration_s").to_pylist()), failures


def _lines(failures: dict[str, str]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(failures.items())
    return made.getvalue()


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
