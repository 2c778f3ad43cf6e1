"""The cache folder: what can be made anew, features and training under way. It is never in the checkout."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serd.errors import UsageError


def folder(kind: str) -> Path:
    """`$XDG_CACHE_HOME/serd/<kind>`, by default below ~/.cache; made if it is not there."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    path = Path(base) / "serd" / kind
    path.mkdir(parents=True, exist_ok=True)
    return path


def key(*parts: object) -> str:
    """A short name for values whose `repr` tells all of them."""
    return hashlib.sha256("\0".join(map(repr, parts)).encode()).hexdigest()[:20]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file beside `path` to write to, which takes its place at the end: whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    stem, dot, endings = path.name.partition(".")  # Keras tells a format by two of them
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=stem, suffix=dot + endings)
    os.close(handle)
    written = Path(name)
    written.chmod(0o666 & ~_umask())
    try:
        yield written
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def writable(folder: Path, flag: str) -> None:
    """Make it if it is not there. Raises UsageError, which names the flag, where no file can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}; {flag} needs a folder that can be written into") from None
