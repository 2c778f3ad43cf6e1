"""Who records: a lock for each person that the system lets go when its holder dies, however it dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from serd.errors import RestartError, UsageError

END_S = 10.0
"""How long a recorder may take to write what is left."""


class RunningLock:
    """`NUMBER.lock` in the store's folder; the holder's process id is in it."""

    def __init__(self, folder: Path, number: str) -> None:
        self._path = folder / f"{number}.lock"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be the only recorder of this person. Raises UsageError where there is one."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if not _taken(descriptor):
                raise UsageError(
                    f"this person's journal is being written already (process {self.holder()}); `serd journal stop`"
                    " ends that session"
                )
            os.ftruncate(descriptor, 0)
            os.write(descriptor, b"%d\n" % os.getpid())
            yield
        finally:
            os.close(descriptor)

    def holder(self) -> int | None:
        """The process that records; None if nobody does."""
        try:
            with self._path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    return None
                except BlockingIOError:
                    return int(file.read(32) or b"0") or None
        except (OSError, ValueError):
            return None

    def end(self) -> bool:
        """Ask the recorder to end and wait until it has; False if there is none. Raises RestartError."""
        pid = self.holder()
        if pid is None:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR1)
        self.wait()
        return True

    def wait(self) -> bool:
        """Wait until a recorder that was told to end has; False if there is none. Raises RestartError."""
        until, pid = time.monotonic() + END_S, self.holder()
        if pid is None:
            return False
        while self.holder() == pid:
            if time.monotonic() > until:
                raise RestartError(f"process {pid}: has not ended its session within {END_S:.0f} s; end it, try again")
            select.select((), (), (), 0.05)
        return True

    def remove(self) -> None:
        """Leave nothing behind."""
        self._path.unlink(missing_ok=True)


def _taken(descriptor: int) -> bool:
    """Whether the lock is ours now. Who only looks, as `holder` does, is gone in a moment."""
    for pause in (0.02, 0.1, 0.0):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            time.sleep(pause)
    return False
