"""A person's file: one SQLite database, encrypted where SQLCipher is installed, in WAL so that readers do not wait.

Every write is a transaction: after a crash at any time a row is there whole, or not.
"""

from __future__ import annotations

import contextlib
import importlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from serd.errors import ConfigError, UsageError
from serd.journal.keys import blank, overwrite
from serd.journal.tables import BY_NAME, FORMAT, TABLES

BUSY_S = 5.0
PRAGMAS = (
    "journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY", "foreign_keys = ON",
)  # fmt: skip
Row = dict[str, Any]


class NotWrittenError(UsageError):
    """The file cannot be written just now (a full disk, another's lock); what was to be written is not in it."""


class PersonFile:
    """The tables of one person. To be used by one thread."""

    def __init__(self, path: Path, secret: bytes | None, *, new: bool = False) -> None:
        """Open the file, or make a new one; `secret` (32 bytes) if it is encrypted.

        Raises ConfigError, NotWrittenError.
        """
        self.path, self._plain = path, secret is None
        self._module = importlib.import_module("sqlite3" if secret is None else "sqlcipher3.dbapi2")
        try:
            os.close(os.open(path, os.O_RDWR | (os.O_CREAT | os.O_EXCL if new else 0), 0o600))
            self._base = self._module.connect(path, timeout=BUSY_S, isolation_level=None)
        except (OSError, self._module.Error) as error:
            remedy = "put it back from a copy" if isinstance(error, FileNotFoundError) else "make it this account's own"
            raise ConfigError(f"journal {path}: cannot be opened ({_why(error)}); {remedy}") from None
        try:
            self._prepare(secret)
        except BaseException:
            self._base.close()
            if new:
                path.unlink(missing_ok=True)
            raise

    def _prepare(self, secret: bytes | None) -> None:
        try:
            if secret is not None:
                self._base.execute(f"PRAGMA key = \"x'{secret.hex()}'\"")
                if not self._base.execute("PRAGMA cipher_version").fetchone():
                    # A library of this process that exports an SQLite of its own (TensorFlow does) took SQLCipher's
                    # place; it ignores the key without a word.
                    raise ConfigError(
                        f"journal {self.path}: nothing would be encrypted: a library brought its own SQLite into this "
                        "process; use the journal in a process of its own"
                    )
            version = self._base.execute("PRAGMA user_version").fetchone()[0]
            for pragma in PRAGMAS:
                self._base.execute(f"PRAGMA {pragma}")
            if version == 0:
                with self.transaction():
                    for table in TABLES:
                        self._base.execute(table.sql)
                    self._base.execute(f"PRAGMA user_version = {FORMAT}")
        except self._module.OperationalError as error:
            raise NotWrittenError(f"journal {self.path}: {_why(error)}; make room, or try again") from None
        except self._module.DatabaseError as error:
            raise ConfigError(
                f"journal {self.path}: no journal, or not opened by this key ({_why(error)}); put it back from a copy"
            ) from None
        if version not in (0, FORMAT):
            raise ConfigError(
                f"journal {self.path}: of format {version}; this serd knows {FORMAT}; install a newer one"
            )

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All of it, or nothing. Raises NotWrittenError."""
        try:
            self._base.execute("BEGIN IMMEDIATE")
            yield
            self._base.execute("COMMIT")
        except self._module.IntegrityError:
            self._undo()
            raise
        except self._module.Error as error:
            self._undo()
            raise NotWrittenError(f"journal {self.path}: cannot be written ({_why(error)}); make room there") from None
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        with contextlib.suppress(self._module.Error):
            self._base.execute("ROLLBACK")

    def put(self, table: str, rows: Iterable[Mapping[str, Any]], *, once: bool = False) -> None:
        """Add rows to a table, within a transaction. Raises `refused` for one that is there already.

        With `once` that one is left as it is: nothing is counted twice, whatever a serd sends.
        """
        names = [column.name for column in BY_NAME[table].columns]
        statement = BY_NAME[table].insert
        if once:
            statement = statement.replace("INSERT", "INSERT OR IGNORE", 1)
        self._base.executemany(statement, [{name: row.get(name) for name in names} for row in rows])

    def change(self, statement: str, **values: Any) -> int:
        """Run a statement that changes rows, within a transaction; how many."""
        return int(self._base.execute(statement, values).rowcount)

    def rows(self, table: str, where: str = "1", order: str = "", **values: Any) -> list[Row]:
        """Rows of a table, in the order of its key unless another is given."""
        known = BY_NAME[table]
        names = [column.name for column in known.columns]
        try:
            query = f"SELECT {', '.join(names)} FROM {table} WHERE {where} ORDER BY {order or known.key}"
            return [dict(zip(names, row, strict=True)) for row in self._base.execute(query, values)]
        except self._module.Error as error:
            raise ConfigError(f"journal {self.path}: damaged ({_why(error)}); put it back from a copy") from None

    def next_id(self, table: str) -> int:
        """A number that no row of the table has."""
        return int(self._base.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])

    @property
    def version(self) -> int:
        """Changes whenever another connection has written: a cheap way to notice a withdrawal."""
        return int(self._base.execute("PRAGMA data_version").fetchone()[0])

    @property
    def refused(self) -> type[Exception]:
        """What `put` raises for a row that is there already, or that refers to none."""
        found: type[Exception] = self._module.IntegrityError
        return found

    def faults(self) -> list[str]:
        """What is damaged in the file, by SQLite's own checks."""
        try:
            found = [row[0] for row in self._base.execute("PRAGMA integrity_check(10)") if row[0] != "ok"]
            broken = len(self._base.execute("PRAGMA foreign_key_check").fetchall())
        except self._module.Error as error:
            return [_why(error)]
        return found + ([f"{broken} rows refer to none"] if broken else [])

    def shrink(self) -> None:
        """Give back what removed rows took, in the write-ahead log too.

        A plain file keeps its size: rows were overwritten where they stood, and what it gave back would not be.
        """
        if self._plain:
            return
        with contextlib.suppress(self._module.OperationalError):  # a reader is at it: another time
            self._base.execute("VACUUM")
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Harmless when closed. A plain file's write-ahead log, which SQLite removes then, is overwritten."""
        log = None
        if self._plain:
            with contextlib.suppress(OSError):
                log = os.open(self.path.with_name(self.path.name + "-wal"), os.O_WRONLY | os.O_NOFOLLOW)
        self._base.close()
        if log is not None:
            with contextlib.suppress(OSError):
                if os.fstat(log).st_nlink == 0:  # else somebody else reads or writes the journal, and removes it
                    blank(log)
            os.close(log)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def destroy(path: Path) -> None:
    """Overwrite and remove a person's file with what SQLite keeps beside it. Raises OSError."""
    for one in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        overwrite(one)


def has_encryption() -> bool:
    """Whether SQLCipher is installed."""
    try:
        importlib.import_module("sqlcipher3.dbapi2")
    except ImportError:
        return False
    return True


def _why(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
