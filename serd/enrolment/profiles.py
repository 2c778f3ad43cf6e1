"""Where this account's voice profiles are kept: `profiles/NAME.json` in the state directory, mode 0600.

Of a systemd service a profile may be a credential instead ($CREDENTIALS_DIRECTORY/profile_NAME.json).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from serd.errors import ConfigError, OutputError, UsageError, escaped
from serd.events.reference import PERSON
from serd.inference.profile import Profile
from serd.system.nearest import nearest
from serd.system.paths import state_folder, sync_folder, write_whole

FOLDER, ENDING = "profiles", ".json"
CREDENTIAL = "profile_"
"""How a profile's credential begins."""


class Profiles:
    """The profiles in one folder, behind a service's credentials."""

    def __init__(self, folder: Path, credentials: Path | None = None) -> None:
        self.folder = folder
        self._credentials = credentials

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Profiles:
        """Those of this account, or of this system service."""
        credentials = environ.get("CREDENTIALS_DIRECTORY")
        return cls(state_folder(environ) / FOLDER, Path(credentials) if credentials else None)

    def check(self, name: str) -> None:
        """Raises UsageError for what cannot be a name."""
        self._path(name)

    def names(self) -> list[str]:
        """Who is enrolled, sorted."""
        found = {path.stem for path in self._listed(self.folder, f"*{ENDING}")}
        if self._credentials is not None:
            held = self._listed(self._credentials, f"{CREDENTIAL}*{ENDING}")
            found |= {path.stem.removeprefix(CREDENTIAL) for path in held}
        return sorted(name for name in found if PERSON.fullmatch(name))

    def read(self, name: str) -> Profile:
        """A person's profile. Raises UsageError for what is no name, ConfigError where there is none of use."""
        return Profile.read(self.find(name))

    def find(self, name: str) -> Path:
        """The file of a person's profile. Raises UsageError for what is no name, ConfigError where there is none."""
        path = self._path(name)
        if self._credentials is not None and (held := self._credentials / f"{CREDENTIAL}{path.name}").exists():
            return held
        try:
            there = path.exists()
        except OSError as error:
            raise ConfigError(f"profile {escaped(str(path))}: cannot be read ({error.strerror}); mend that") from None
        if not there:
            names = self.names()
            near = nearest(name, names)
            remedy = f"did you mean {near}?" if near else f"enrolled are: {', '.join(names) or 'nobody'}"
            raise ConfigError(f"person {name}: not enrolled here; {remedy}; `serd enrol {name}` does it")
        return path

    def write(self, name: str, profile: Profile) -> Path:
        """Keep a person's profile, in the place of an older one; its path. Raises UsageError, OutputError."""
        path = self._path(name)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(path, profile.document())
        except OSError as error:
            raise OutputError(
                f"profile {escaped(str(path))}: cannot be written ({error.strerror}); make the folder your own"
            ) from None
        return path

    def forget(self, name: str) -> Path:
        """Remove a person's profile. Raises UsageError where there is none, OutputError."""
        path = self._path(name)
        try:
            path.unlink()
        except FileNotFoundError:
            raise UsageError(f"person {name}: not enrolled here; `serd enrol list` shows who is") from None
        except OSError as error:
            raise OutputError(f"profile {escaped(str(path))}: cannot be removed ({error.strerror})") from None
        with contextlib.suppress(OSError):
            sync_folder(self.folder)
        return path

    def _path(self, name: str) -> Path:
        if not PERSON.fullmatch(name):
            raise UsageError(
                f"person {escaped(name)[:80]}: cannot be a name; give 1 to 64 of A-Z a-z 0-9 . _ -, not list or forget"
            )
        return self.folder / f"{name}{ENDING}"

    @staticmethod
    def _listed(folder: Path, pattern: str) -> list[Path]:
        try:
            return list(folder.glob(pattern))
        except OSError:
            return []
