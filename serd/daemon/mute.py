"""The mute flag: a file that keeps serd muted over a crash, a restart and a reboot."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from serd.system.paths import sync_folder, write_whole

log = logging.getLogger("serd")


class MuteFlag:
    """`SOURCE.muted` in the state directory: there while serd is muted. Serds of one name share it."""

    def __init__(self, folder: Path, source: str) -> None:
        self.path = folder / f"{source}.muted"

    def is_set(self) -> bool:
        """Whether the last wish was to be muted. Where that cannot be known it is taken for granted, and said."""
        try:
            self.path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            log.error(
                "state %s: cannot be read (%s), so serd begins muted; mend it, then `serd unmute`",
                self.path.parent,
                error.strerror,
            )
        return True

    def fault(self) -> str | None:
        """Why a mute would not outlive this run, in one line; None if it would."""
        there = self.path.parent
        while not there.exists() and there != there.parent:
            there = there.parent
        if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
            return None
        return f"state {self.path.parent}: cannot be written; a mute ends with this run, until that is mended"

    def set(self, muted: bool) -> str | None:
        """Keep the wish, on the disk when this returns; else the fault in one line."""
        try:
            if muted:
                self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_whole(self.path, f"since {datetime.now(UTC).isoformat(timespec='seconds')}\n".encode())
            elif self.is_set():
                self.path.unlink(missing_ok=True)
                sync_folder(self.path.parent)
        except OSError as error:
            wish, after = ("muted", "listening") if muted else ("listening", "muted")
            return (
                f"state {self.path.parent}: cannot be written ({error.strerror}); {wish} now, {after} after a restart"
            )
        return None
