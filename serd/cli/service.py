"""`serd service`: the systemd units that came with serd, installed for this account or the whole machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

from serd.errors import OK, ConfigError, UsageError, escaped

UNIT = "serd.service"
SYSTEM_UNITS = Path("/etc/systemd/system")
HIDDEN = ("/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/")
"""Where the system unit, which is given no home and a /tmp of its own, finds no program."""

PACKAGE = Path(__file__).parents[1]
WAIT_S = 60
"""How long systemctl may take."""


def run(action: Literal["install", "uninstall"], *, user: bool) -> int:
    """Install and start the unit, or stop and remove it; the exit code. Raises UsageError, ConfigError."""
    if not user and os.geteuid() != 0:
        raise UsageError(f"service {action}: the system's unit is root's; give --user, or use sudo")
    path = (_user_units() if user else SYSTEM_UNITS) / UNIT
    return _install(path, user) if action == "install" else _uninstall(path, user)


def unit_text(user: bool, program: Path) -> str:
    """The unit, with `program` in the place of the path that it was written with. Raises ConfigError."""
    folder = next((one for one in (PACKAGE / "data" / "systemd", PACKAGE.parent / "systemd") if one.is_dir()), None)
    if folder is None:
        raise ConfigError("service: the units are missing from this installation; install serd anew")
    text = (folder / "user" / UNIT if user else folder / UNIT).read_text(encoding="utf-8")
    if not str(program).isprintable() or set(str(program)) & set("\"'\\"):
        raise ConfigError(f"{program}: systemd takes no program of such a name; install serd elsewhere")
    quoted = str(program).replace("%", "%%")
    return re.sub(r"(?m)^ExecStart=\S+", lambda _: f'ExecStart="{quoted}"', text)


def _install(path: Path, user: bool) -> int:
    program = _program()
    if not user and str(program).startswith(HIDDEN):
        raise UsageError(
            f"{program}: the system's unit cannot see it there; install serd into /opt/serd, or give --user"
        )
    text = unit_text(user, program)
    if not shutil.which("systemctl"):
        raise ConfigError("service: there is no systemctl here; start serd by what this system has for it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written ({error.strerror}); see that its folder is yours") from None
    print(f"made {escaped(str(path))}", flush=True)
    _systemctl(user, "daemon-reload")
    _systemctl(user, "enable", "--now", UNIT)
    scope = "--user " if user else ""
    print(f"serd runs from now on: systemctl {scope}status serd; serd watch; its log: journalctl {scope}-u serd")
    return OK


def _uninstall(path: Path, user: bool) -> int:
    if not path.exists():
        raise UsageError(f"{path}: there is no such unit; nothing is installed{'' if user else ', or give --user'}")
    _systemctl(user, "disable", "--now", UNIT)
    try:
        path.unlink()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be removed ({error.strerror})") from None
    _systemctl(user, "daemon-reload")
    print(f"removed {escaped(str(path))}; configuration, keys and mute flag stay")
    return OK


def _systemctl(user: bool, *arguments: str) -> None:
    command = ["systemctl", *(["--user"] if user else []), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, check=False)
        fault = " ".join(done.stderr.split())[:300] if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        done, fault = None, str(error)
    if done is None or done.returncode:
        raise ConfigError(f"{' '.join(command)}: failed ({fault}); mend that and run it again")


def _program() -> Path:
    """The `serd` command of this installation."""
    beside = Path(sys.executable).with_name("serd")
    program = beside if beside.is_file() else shutil.which("serd")
    if program is None:
        raise ConfigError("service: the command serd is not found beside this Python; install serd with pipx or pip")
    return Path(program).absolute()


def _user_units() -> Path:
    xdg = os.environ.get("XDG_CONFIG_HOME", "")
    base = Path(xdg) if xdg.startswith("/") else Path.home() / ".config"
    return base / "systemd" / "user"
