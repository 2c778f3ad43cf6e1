"""Keys: who a serd proves to be, and who may read or command it from elsewhere.

They are ZeroMQ's CURVE keys (curve25519), kept as ZeroMQ's own certificate files in one folder:

    server.key, server.key_secret   a serd that publishes
    client.key, client.key_secret   a reader
    allowed/NAME.key                readers that this serd lets in

Of a systemd service the secret and the list may be credentials instead ($CREDENTIALS_DIRECTORY).
"""

from __future__ import annotations

import os
import re
import shlex
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import zmq
from zmq.utils import z85

from serd.errors import ConfigError, UsageError
from serd.system.nearest import near_file
from serd.system.paths import at_home, write_whole

Role = Literal["server", "client"]
ROLES: tuple[Role, ...] = ("server", "client")

Z85 = r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}"
KEY = re.compile(Z85)
LINE = re.compile(rf'^\s*(public|secret)-key\s*=\s*"({Z85})"\s*$', re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LARGEST = 4096
"""Bytes of a certificate; pyzmq's have some 400."""

MOST = 1000
"""Readers that are looked for in the list."""

OWN = "self"
"""Name under which `serd keys new` allows the reader of the same folder."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A public key, and the secret one that proves it; both in Z85."""

    public: bytes
    secret: bytes = field(repr=False)


class Keyring:
    """The keys in one folder."""

    def __init__(self, folder: Path, credentials: Path | None = None) -> None:
        """`credentials`: a service's; of a role whose secret is there they go before the folder's."""
        self.folder = folder
        self._held = {role: credentials for role in ROLES if credentials and _secret(credentials, role).exists()}
        self._credentials = self._held.get("server")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], folder: str | None = None) -> Keyring:
        """The keys of this account (~/.config/serd/keys), of this system service (/etc/serd/keys), or of `folder`."""
        credentials = environ.get("CREDENTIALS_DIRECTORY")
        return cls(
            Path(at_home(folder)) if folder else default_folder(environ), Path(credentials) if credentials else None
        )

    @property
    def is_made(self) -> bool:
        """Whether there is a key to publish with, of use or not."""
        return self._credentials is not None or _secret(self.folder, "server").exists()

    def new(self) -> list[Path]:
        """Make the pairs that are not there yet, and let this folder's own reader in; the secret files made.

        Raises UsageError.
        """
        try:
            for folder in (self.folder, self.folder / "allowed"):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            made = [path for role in ROLES if (path := self._make(role))]
            if made:
                _write(self._allowed_path(OWN), self.pair("client").public)
        except OSError as error:
            raise UsageError(
                f"keys {self.folder}: cannot be written ({error.strerror}); give a folder of your own with --keys"
            ) from None
        return made

    def pair(self, role: Role) -> KeyPair:
        """The key pair of a role. Raises ConfigError where it is missing, damaged, or open to others' eyes."""
        held = self._held.get(role)
        path = _secret(held or self.folder, role)
        text = _read_secret(path, is_credential=held is not None)
        values = {name: value.encode() for name, value in LINE.findall(text)}
        try:
            pair = KeyPair(values["public"], values["secret"])
            genuine = zmq.curve_public(pair.secret) == pair.public
        except (KeyError, ValueError, zmq.ZMQError):
            genuine = False
        if not genuine:
            raise ConfigError(f"key {path}: damaged; remove it and make another with {_command('new', self.folder)}")
        return pair

    def allow(self, name: str, key: str) -> Path:
        """Let the reader in who proves `key`, a public key or the file with one. Raises UsageError."""
        public = public_key(key)
        path = self._allowed_path(name)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(path, public)
        except OSError as error:
            raise UsageError(f"key {path}: cannot be written ({error.strerror}); make the folder your own") from None
        return path

    def revoke(self, name: str) -> None:
        """Let a reader in no more; connections that it has stay until they end. Raises UsageError."""
        path = self._allowed_path(name)
        try:
            path.unlink()
        except OSError as error:
            raise UsageError(f"key {path}: cannot be removed ({error.strerror}); `serd keys list` shows all") from None

    def allowed(self) -> dict[bytes, str]:
        """Public keys that may read, with their names. Raises ConfigError where others may write the list."""
        if self._credentials is not None:
            paths = sorted(self._credentials.glob("allowed_*.key"))[:MOST]
        else:
            folder = self.folder / "allowed"
            try:
                if folder.stat().st_mode & 0o022:
                    raise ConfigError(f"keys {folder}: others may write there; chmod 700 {shlex.quote(str(folder))}")
                paths = sorted(folder.glob("*.key"))[:MOST]
            except OSError:
                return {}
        listed: dict[bytes, str] = {}
        for path in paths:
            try:
                listed[_read_public(path)] = path.stem.removeprefix("allowed_")
            except UsageError:
                continue  # one damaged file locks its own reader out, nobody else
        return listed

    def _make(self, role: Role) -> Path | None:
        secret = _secret(self.folder, role)
        if secret.exists():
            return None
        public_part, secret_part = zmq.curve_keypair()
        while public_part.startswith(b"-"):  # a command line would take it for a flag
            public_part, secret_part = zmq.curve_keypair()
        _write(self.folder / f"{role}.key", public_part)
        _write(secret, public_part, secret_part)
        return secret

    def _allowed_path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise UsageError(f"name {name!r}: cannot be used for a key; give 1 to 64 of A-Z a-z 0-9 . _ -")
        return self.folder / "allowed" / f"{name}.key"


def _secret(folder: Path, role: Role) -> Path:
    return folder / f"{role}.key_secret"


def default_folder(environ: Mapping[str, str]) -> Path:
    """A system service's (ConfigurationDirectory=), else this account's."""
    service = environ.get("CONFIGURATION_DIRECTORY", "").split(":")[0]
    if service.startswith("/"):
        return Path(service, "keys")
    xdg = environ.get("XDG_CONFIG_HOME", "")
    base = Path(xdg) if xdg.startswith("/") else Path(environ.get("HOME") or "/", ".config")
    return base / "serd" / "keys"


def public_key(text: str) -> bytes:
    """A public key as given: the 40 characters themselves, or a file with them. Raises UsageError."""
    if KEY.fullmatch(text):
        key = text.encode()
        try:
            z85.decode(key)
        except (ValueError, struct.error):  # more than 32 bytes can hold
            raise UsageError(f"key {text}: no key; `serd keys list` prints it on the machine that has it") from None
        return key
    return _read_public(Path(at_home(text)))


def _read_public(path: Path) -> bytes:
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            raise ValueError
        values: dict[str, str] = dict(LINE.findall(path.read_text("utf-8-sig")))
        return values["public"].encode()
    except (OSError, ValueError, KeyError):
        shown = str(path) if len(str(path)) <= 200 else f"{str(path)[:200]}…"
        remedy = near_file(path, "`serd keys list` prints it")
        raise UsageError(f"key {shown!r}: neither a public key (40 characters) nor a file with one; {remedy}") from None


def _read_secret(path: Path, *, is_credential: bool) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > LARGEST:
                raise ConfigError(f"key {path}: no key file; make one with {_command('new', path.parent)}")
            # systemd lets a service read a credential through an access list, whose mask shows as the group's bits.
            open_to = status.st_mode & (0o037 if is_credential else 0o177)
            if open_to:
                mode = stat.S_IMODE(status.st_mode)
                raise ConfigError(
                    f"key {path}: secret, but its mode is {mode:04o}; chmod 600 {shlex.quote(str(path))},"
                    " and make new keys if others may have read it"
                )
            if status.st_uid not in (os.geteuid(), 0):
                raise ConfigError(f"key {path}: belongs to another account; chown it to the one that serd runs as")
            return file.read(LARGEST).decode("utf-8-sig", "replace")
    except FileNotFoundError:
        raise ConfigError(f"key {path}: not there; make it with {_command('new', path.parent)}") from None
    except OSError as error:
        raise ConfigError(f"key {path}: cannot be read ({error.strerror}); make it this account's own") from None


def _write(path: Path, public: bytes, secret: bytes | None = None) -> None:
    text = f'metadata\ncurve\n    public-key = "{public.decode()}"\n'
    if secret is not None:
        text += f'    secret-key = "{secret.decode()}"\n'
    write_whole(path, text.encode())


def _command(what: str, folder: Path) -> str:
    """The command line that does it, for the folder in question."""
    usual = folder == default_folder(os.environ)
    return f"`serd keys {what}`" if usual else f"`serd keys --keys {shlex.quote(str(folder))} {what}`"
