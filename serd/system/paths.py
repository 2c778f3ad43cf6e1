"""Where serd keeps what outlives a run, and where it meets other programs of its account."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

from serd.errors import ConfigError, UsageError

SYSTEM_RUNTIME = Path("/run/serd")
"""The system unit's RuntimeDirectory=."""


def at_home(path: str) -> str:
    """A path with `~` or `~USER` at its beginning as that home: a shell does so for words alone, not after a `=`.

    Raises UsageError for an account that is not there.
    """
    if not path.startswith("~"):
        return path
    try:
        return str(Path(path).expanduser())
    except (RuntimeError, ValueError):  # no such account, or a name that holds a NUL
        raise UsageError(f"path {path}: there is no such home; give the whole path, or ./{path}") from None


def endpoint_at_home(endpoint: str) -> str:
    """Put the home for `~` in the path of an `ipc://` endpoint. Raises UsageError."""
    scheme, separator, path = endpoint.partition("ipc://")
    return f"ipc://{at_home(path)}" if separator and not scheme else endpoint


def runtime_folder(environ: Mapping[str, str]) -> Path:
    """Folder for sockets, gone after a reboot: RuntimeDirectory=, else $XDG_RUNTIME_DIR/serd, else /tmp/serd-UID."""
    service = environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    if service.startswith("/"):
        return Path(service)
    xdg = environ.get("XDG_RUNTIME_DIR", "")
    return Path(xdg, "serd") if xdg.startswith("/") else Path(f"/tmp/serd-{os.geteuid()}")


def runtime_folders(environ: Mapping[str, str]) -> list[Path]:
    """All in which this account may find a running serd, the system unit's among them."""
    return list(dict.fromkeys((runtime_folder(environ), SYSTEM_RUNTIME)))


def state_folder(environ: Mapping[str, str]) -> Path:
    """The folder for what survives a reboot: StateDirectory=, else $XDG_STATE_HOME/serd, else ~/.local/state/serd."""
    service = environ.get("STATE_DIRECTORY", "").split(":")[0]
    if service.startswith("/"):
        return Path(service)
    xdg = environ.get("XDG_STATE_HOME", "")
    base = Path(xdg) if xdg.startswith("/") else Path(environ.get("HOME") or "/", ".local", "state")
    return base / "serd"


def make_private(folder: Path, remedy: str = "set XDG_RUNTIME_DIR") -> None:
    """Make the folder, mode 0700, or see that it is this account's own. Raises ConfigError, which ends in the remedy.

    In /tmp anybody may have made it before us.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.lstat()
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be made ({error.strerror}); {remedy}") from None
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise ConfigError(f"{folder}: not a folder that only this account may write; remove it or {remedy}")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, mode 0600, so that after a crash at any time it is there whole, or as before. Raises OSError."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mkstemp's mode is 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """What was made or removed in it is on the disk. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
