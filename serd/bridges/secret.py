"""Secrets of bridges: a password or a token, from a file that only this account may read, or from systemd."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Mapping
from pathlib import Path

from serd.errors import ConfigError
from serd.system.nearest import near_file
from serd.system.paths import at_home

LARGEST = 4096
"""Bytes of a secret."""


def read_secret(file: str | None, credential: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """The first line of `file`, else of the service's `credential` (systemd's LoadCredential=), else None.

    Raises ConfigError for what cannot be read, is empty, or is open to others' eyes, UsageError for no such home.
    """
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    held = Path(folder, credential) if folder else None
    if file is None and (held is None or not held.exists()):
        return None
    path = Path(at_home(file)) if file is not None else held
    assert path is not None
    # systemd lets a service read a credential through an access list, whose mask shows as the group's bits.
    open_to = 0o037 if held is not None and path.parent == held.parent else 0o077
    try:
        with path.open("rb") as opened:
            found = os.fstat(opened.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise ConfigError(f"secret {path}: no regular file; write the secret into one, mode 0600")
            if found.st_mode & open_to:
                mode = stat.S_IMODE(found.st_mode)
                raise ConfigError(f"secret {path}: its mode is {mode:04o}; chmod 600 {shlex.quote(str(path))}")
            text = opened.read(LARGEST + 1)
    except OSError as error:
        remedy = near_file(path, "make it this account's own")
        raise ConfigError(f"secret {path}: cannot be read ({error.strerror}); {remedy}") from None
    lines = text.decode("utf-8", "replace").splitlines()
    if not lines or not lines[0] or len(text) > LARGEST:
        raise ConfigError(
            f"secret {path}: its first line must be the secret, of at most {LARGEST} bytes; write it anew"
        )
    return lines[0]
