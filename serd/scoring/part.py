"""A part: what one batch of files comes to, as one Parquet file a table, each of which appears whole or not at all.

The part of `files` comes last: it says that the batch is done, and in its metadata which files could not be heard. What
is killed before that has left nothing that counts.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from serd.errors import OutputError, UsageError
from serd.scoring.batch import Batch, Row, reason
from serd.scoring.sounds import Sound
from serd.scoring.tables import Table, schemas

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

TABLES: tuple[Table, ...] = ("segments", "windows", "files")
GROUP = 4096
"""Rows that are held before they are written."""
FAILURES = b"serd.failures"
"""Key of the metadata of a part of `files`: a JSON object of files and reasons."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What one batch came to."""

    number: int
    heard: int
    failures: dict[str, str]
    """Files and why they could not be heard."""
    seconds: float
    """Sound that was heard."""
    warnings: tuple[str, ...] = ()


def place(out: Path, table: Table, number: int) -> Path:
    """Where a part is."""
    return out / table / f"{number:08}.parquet"


def hear(batch: Batch, sounds: Sequence[Sound], out: Path, number: int, *, windows: bool) -> BatchResult:
    """Hear these files and write the part of this number, whether or not there is one.

    Raises OutputError where it cannot be written.
    """
    made = schemas(batch.contract, windows=windows)
    failures: dict[str, str] = {}
    while True:
        with _written(out), Part(out, number, made) as part:
            if all(_heard(batch, sound, part, failures) for sound in sounds if sound.file not in failures):
                return part.commit(failures)


def fail(batch: Batch, sound: Sound, why: str, out: Path, number: int, *, windows: bool) -> BatchResult:
    """Write a part in which one file could not be heard. Raises OutputError."""
    with _written(out), Part(out, number, schemas(batch.contract, windows=windows)) as part:
        return part.commit({sound.file: why})


def _heard(batch: Batch, sound: Sound, part: Part, failures: dict[str, str]) -> bool:
    """Whether the part can go on: not if rows of what turns out to be unfit are written already."""
    try:
        batch.hear(sound.file, Path(sound.path), part.add)
    except UsageError as error:
        failures[sound.file] = reason(error, Path(sound.path))
        return part.withdraw(sound.file)
    return True


@contextlib.contextmanager
def _written(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"archive: {out}: cannot be written ({error.strerror}); make room, then go on") from None


class Part:
    """The rows of a batch, at most `GROUP` a table in memory; nothing is left of one that is not committed."""

    def __init__(self, out: Path, number: int, made: dict[Table, pa.Schema]) -> None:
        self._out, self._number, self._schemas = out, number, made
        self._rows: dict[Table, list[Row]] = {table: [] for table in made}
        self._writers: dict[Table, pq.ParquetWriter] = {}
        self._written: str | None = None
        """The last file of which rows are written."""
        self._heard, self._seconds = 0, 0.0
        self._token = secrets.token_hex(4)

    def __enter__(self) -> Part:
        return self

    def __exit__(self, *_: object) -> None:
        for table, writer in self._writers.items():
            writer.close()
            self._draft(table).unlink(missing_ok=True)

    def add(self, table: Table, row: Row) -> None:
        """Add a row of a table that was asked for."""
        rows = self._rows[table]
        rows.append(row)
        if table == "files":
            self._heard += 1
            self._seconds += row["duration_s"]
        elif len(rows) >= GROUP:
            self._flush(table)
            self._written = row["file"]

    def withdraw(self, file: str) -> bool:
        """Forget the rows of a file, the last one; False if that is too late."""
        for rows in self._rows.values():
            while rows and rows[-1]["file"] == file:
                rows.pop()
        return self._written != file

    def commit(self, failures: dict[str, str]) -> BatchResult:
        """Put the part in its place."""
        for table, schema in self._schemas.items():
            if table == "files":
                self._schemas[table] = schema.with_metadata({FAILURES: json.dumps(failures)})
            self._flush(table)
            self._writers.pop(table).close()
            _settle(self._draft(table), place(self._out, table, self._number))
        return BatchResult(self._number, self._heard, failures, self._seconds)

    def _flush(self, table: Table) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if table not in self._writers:
            self._writers[table] = pq.ParquetWriter(self._draft(table), self._schemas[table], compression="zstd")
        self._writers[table].write_table(pa.Table.from_pylist(self._rows[table], self._schemas[table]))
        self._rows[table].clear()

    def _draft(self, table: Table) -> Path:
        final = place(self._out, table, self._number)
        return final.with_name(f".{final.name}.{self._token}")


def _settle(draft: Path, final: Path) -> None:
    """Rename what is on the disk for good, so that a power cut leaves no half file under the final name either."""
    for path in (draft, draft.parent):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if path is draft:
            draft.replace(final)
