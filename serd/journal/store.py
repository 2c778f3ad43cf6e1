"""The store: a folder with a file for each person, the audit of all, and how it keeps them.

    journal.json          format, whether encrypted, which second secret, how long things are kept
    audit.jsonl, .head    what was done; tombstones
    NUMBER.db             a person's file (`person`)
    NUMBER.lock           who records

The keys are in a folder of their own beside it (`keys`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from serd.errors import ConfigError, UsageError, brings
from serd.journal.audit import Audit, Entry
from serd.journal.keys import Keys, PersonKey, Second, check_pseudonym
from serd.journal.lock import RunningLock
from serd.journal.moment import Moment
from serd.journal.person import PersonFile, destroy, has_encryption
from serd.journal.tables import FORMAT
from serd.system.paths import at_home, make_private, state_folder, sync_folder, write_whole

SECONDS: tuple[Second, ...] = ("none", "credential", "keyring")
BEGINNINGS = ("consent", "import")
"""Lines of the audit with which a person's journal begins."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What `journal.json` says."""

    encrypted: bool
    second: Second = "none"
    sessions_days: int | None = None
    """Sessions that ended longer ago are removed; None: the consent's end is the only limit."""
    frames_days: int | None = None
    format: int = FORMAT


class Store:
    """The journals of a folder."""

    def __init__(self, folder: Path, keys: Path | None, environ: Mapping[str, str]) -> None:
        """Nothing is made before `open_for` needs it. Raises ConfigError."""
        self.folder = folder
        self._keys_folder = keys or folder.with_name(folder.name + "-keys")
        self._environ = environ
        self._policy = _read_policy(folder / "journal.json")
        self.audit = Audit(folder)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], store: str | None, keys: str | None) -> Store:
        """`store` and `keys` as given, by default `journal` and `journal-keys` in the state directory."""
        folder = Path(at_home(store)) if store else state_folder(environ) / "journal"
        return cls(folder.absolute(), Path(at_home(keys)).absolute() if keys else None, environ)

    @property
    def is_made(self) -> bool:
        """Whether there is a store."""
        return self._policy is not None

    @property
    def policy(self) -> Policy:
        """How it keeps things. Raises UsageError where there is no store."""
        if self._policy is None:
            raise UsageError(f"store {self.folder}: no journal there; `serd journal consent P ...` begins one")
        return self._policy

    @property
    def keys(self) -> Keys:
        """The keys of its persons."""
        return Keys(self._keys_folder, self.policy.second, self._environ)

    def make(self, *, second: Second = "none", encrypted: bool | None = None) -> None:
        """Begin a store; harmless where there is one. Encrypted where SQLCipher is installed, unless told otherwise.

        Raises UsageError, ConfigError.
        """
        self.check(second, encrypted)
        if self._policy is None:
            make_private(self.folder, "give another --store")
            self.keep(Policy(has_encryption() if encrypted is None else encrypted, second))

    def check(self, second: Second, encrypted: bool | None) -> None:
        """Raises UsageError where there is a store that keeps things otherwise than asked for."""
        known = self._policy
        if known is None:
            return
        if encrypted is not None and encrypted != known.encrypted:
            raise UsageError(f"store {self.folder}: is {'' if known.encrypted else 'not '}encrypted, and stays so; give"
                             " another --store")  # fmt: skip
        if second not in ("none", known.second):
            raise UsageError(f"store {self.folder}: its second secret is {known.second}, and stays so; give another"
                             " --store")  # fmt: skip

    def keep(self, policy: Policy) -> None:
        """Change the policy. Raises ConfigError."""
        try:
            write_whole(self.folder / "journal.json", json.dumps(asdict(policy)).encode() + b"\n")
        except OSError as error:
            raise ConfigError(f"store {self.folder}: cannot be written ({error.strerror}); give --store") from None
        self._policy = policy

    def limit(self, sessions_days: int | None, frames_days: int | None) -> None:
        """Change how long things are kept; None leaves what holds. Raises ConfigError."""
        now = self.policy
        self.keep(
            replace(now, sessions_days=sessions_days or now.sessions_days, frames_days=frames_days or now.frames_days)
        )

    def people(self) -> dict[str, PersonKey]:
        """All keys, by pseudonym. Raises ConfigError."""
        return self.keys.all() if self.is_made else {}

    def key(self, person: str) -> PersonKey:
        """The key of a person who has a journal here. Raises UsageError, ConfigError."""
        check_pseudonym(person)
        key = self.people().get(person)
        if key is None:
            raise UsageError(f"person {person}: has no journal in {self.folder}; `serd journal list` shows who has")
        return key

    def add(self, person: str) -> PersonKey:
        """A key and an empty file for a new person.

        Raises UsageError where there is one, ConfigError, NotWrittenError.
        """
        if person in self.people():
            raise UsageError(
                f"person {person}: has a journal in {self.folder}; erase it first, or give another --store"
            )
        key = self.keys.make(person)
        try:
            self._open(key, new=True).close()
        except BaseException:
            self.forget(key)
            raise
        return key

    def forget(self, key: PersonKey) -> None:
        """Undo `add` for a person who did not agree."""
        self.keys.destroy(key.number)
        destroy(self._path(key))

    def open(self, key: PersonKey) -> PersonFile:
        """The person's file. Raises ConfigError, NotWrittenError."""
        return self._open(key, new=False)

    def _open(self, key: PersonKey, *, new: bool) -> PersonFile:
        if not self.policy.encrypted:
            return PersonFile(self._path(key), None, new=new)
        if not has_encryption():
            raise ConfigError(f"store {self.folder}: encrypted; {brings('journal-encrypted')}")
        return PersonFile(self._path(key), self.keys.opening(key), new=new)

    def lock(self, key: PersonKey) -> RunningLock:
        """Who records this person."""
        return RunningLock(self.folder, key.number)

    def log(self, key: PersonKey | None, act: str, now: Moment, **detail: Any) -> Entry:
        """Audit what is done. Raises UsageError where it cannot be."""
        return self.audit.add(now.text, act, key.number if key else "", **detail)

    def erase(self, key: PersonKey, reason: str, now: Moment, exports: Mapping[str, int]) -> None:
        """Leave nothing readable of a person: the tombstone first, then the key, then the file. Raises UsageError."""
        self.log(key, "erase", now, reason=reason, exports=dict(exports))
        try:
            self.keys.destroy(key.number)
            destroy(self._path(key))
            self.lock(key).remove()
            sync_folder(self.folder)
        except OSError as error:
            raise UsageError(
                f"person {key.person}: not all could be removed ({error}); `serd journal verify` names what is left"
            ) from None

    def tombstones(self) -> list[Entry]:
        """Erasures, by number, with their reasons."""
        return [entry for entry in self.audit.entries() if entry.act == "erase"]

    def faults(self, head: str | None = None) -> list[str]:
        """What is not as it should be: the audit's chain, each person's file, files whose key is gone."""
        found = self.audit.faults(head)
        try:
            people = self.people()
        except ConfigError as error:
            return [*found, str(error)]
        known = {key.number for key in people.values()}
        if not found:
            begun = {entry.who for entry in self.audit.entries() if entry.act in BEGINNINGS}
            found += [f"{number}: no line says how its journal began; put the audit back" for number in known - begun]
        for key in people.values():
            try:
                with self.open(key) as file:
                    found += [f"{key.number}.db: {fault}" for fault in file.faults()]
            except (ConfigError, UsageError) as error:
                found.append(str(error))
        strays = sorted(path.name for path in self.folder.glob("*.db") if path.stem not in known)
        return found + [f"{name}: nobody has its key; it cannot be read, remove it" for name in strays]

    def _path(self, key: PersonKey) -> Path:
        return self.folder / f"{key.number}.db"


def _read_policy(path: Path) -> Policy | None:
    try:
        content = json.loads(path.read_bytes()[:10_000])
        policy = Policy(**content)
        days = (policy.sessions_days, policy.frames_days)
        sound = type(policy.encrypted) is bool and policy.second in SECONDS
        if not sound or any(d is not None and (type(d) is not int or d < 1) for d in days):
            raise ValueError
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"store {path}: cannot be read ({error.strerror}); make it this account's own") from None
    except (ValueError, TypeError, RecursionError):
        raise ConfigError(f"store {path}: damaged; put it back from a copy") from None
    if policy.format != FORMAT:
        raise ConfigError(f"store {path}: of format {policy.format}; this serd knows {FORMAT}; install a newer one")
    return policy


def size(folder: Path) -> int:
    """Bytes that a folder's files take."""
    return sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False))
