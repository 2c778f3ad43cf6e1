"""A person's key: what opens the file and says whom its number means. Without it both are lost, in back-ups too.

One file of mode 0600 for each person, in a folder beside the store, so that copies of the store do not hold it. A
store may want a second secret, of all its persons, from a systemd credential or the account's keyring.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from serd.errors import ConfigError, UsageError
from serd.system.paths import make_private, sync_folder, write_whole

NUMBER = re.compile(r"[0-9a-f]{16}")
"""What a person is called where the key is not: drawn at random."""

PSEUDONYM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
SECRET = re.compile(r"[0-9a-f]{64}")
Second = Literal["none", "credential", "keyring"]
CREDENTIAL = "serd-journal"
"""Name of the systemd credential, and of the keyring's service."""


@dataclass(frozen=True, slots=True)
class PersonKey:
    """Whom a number means, and what opens the file."""

    number: str
    person: str
    secret: bytes = field(repr=False)


class Keys:
    """The keys of one store."""

    def __init__(self, folder: Path, second: Second, environ: Mapping[str, str]) -> None:
        self.folder, self._second, self._environ = folder, second, environ

    def all(self) -> dict[str, PersonKey]:
        """The keys by pseudonym. Raises ConfigError where one is damaged or open to others' eyes."""
        if not self.folder.is_dir():
            return {}
        found = (self._read(path) for path in sorted(self.folder.glob("*.key")) if NUMBER.fullmatch(path.stem))
        return {key.person: key for key in found}

    def make(self, person: str) -> PersonKey:
        """A new key for a pseudonym that has none. Raises UsageError, ConfigError."""
        check_pseudonym(person)
        make_private(self.folder, "give another --store-keys")
        number = secrets.token_hex(8)
        content = {"person": person, "secret": secrets.token_hex(32)}
        try:
            write_whole(self._path(number), json.dumps(content).encode())
        except OSError as error:
            raise UsageError(f"keys {self.folder}: cannot be written ({error.strerror}); make room there") from None
        return self._read(self._path(number))

    def destroy(self, number: str) -> None:
        """Overwrite the key and remove it. Raises OSError."""
        overwrite(self._path(number))
        sync_folder(self.folder)

    def opening(self, key: PersonKey) -> bytes:
        """32 bytes that open the person's file: the secret, with the store's second one in it. Raises ConfigError."""
        if self._second == "none":
            return key.secret
        return hmac.new(self._second_secret(), key.secret, hashlib.sha256).digest()

    def _path(self, number: str) -> Path:
        return self.folder / f"{number}.key"

    def _read(self, path: Path) -> PersonKey:
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                if found.st_mode & 0o177 or found.st_uid not in (os.geteuid(), 0):
                    raise ConfigError(
                        f"key {path}: others may read it, or it is another's; chmod 600 {shlex.quote(str(path))}"
                        " as the account that keeps the journal"
                    )
                content = json.loads(file.read(4096))
            person, secret = content["person"], content["secret"]
            if not (PSEUDONYM.fullmatch(person) and SECRET.fullmatch(secret)):
                raise ValueError
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ConfigError(f"key {path}: damaged; put it back from a copy, without it its file is lost") from None
        except OSError as error:
            raise ConfigError(f"key {path}: cannot be read ({error.strerror}); make it this account's own") from None
        return PersonKey(path.stem, person, bytes.fromhex(secret))

    def _second_secret(self) -> bytes:
        if self._second == "credential":
            path = Path(self._environ.get("CREDENTIALS_DIRECTORY") or "/nonexistent", CREDENTIAL)
            try:
                held = path.read_bytes()
            except OSError:
                held = b""
        else:
            held = _from_keyring()
        if len(held) < 16:
            remedy = (
                f"run in a unit with LoadCredentialEncrypted={CREDENTIAL}"
                if self._second == "credential"
                else f"put 16 characters or more there: keyring set {CREDENTIAL} journal"
            )
            raise ConfigError(f"journal: its {self._second} holds no secret {CREDENTIAL}; {remedy}")
        return held


def check_pseudonym(person: str) -> None:
    """Raises UsageError for what cannot be a pseudonym."""
    if not PSEUDONYM.fullmatch(person):
        raise UsageError(f"person {person[:40]!r}: no pseudonym; give 1 to 32 of A-Z a-z 0-9 _ -, and never a name")


def overwrite(path: Path) -> None:
    """Fill a file with zeros, on the disk, and remove it; harmless where there is none. Raises OSError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        blank(descriptor)
    finally:
        os.close(descriptor)
    path.unlink()


def blank(descriptor: int) -> None:
    """Fill an open file, if it is a regular one, with zeros, on the disk. Raises OSError."""
    left = os.fstat(descriptor).st_size if stat.S_ISREG(os.fstat(descriptor).st_mode) else 0
    while left > 0:
        left -= os.write(descriptor, bytes(min(left, 1 << 20)))
    os.fsync(descriptor)


def _from_keyring() -> bytes:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise ConfigError("journal: its keyring cannot be asked; pip install keyring") from None
    try:
        return (keyring.get_password(CREDENTIAL, "journal") or "").encode()
    except KeyringError as error:
        raise ConfigError(f"journal: the keyring does not answer ({error}); unlock it") from None
