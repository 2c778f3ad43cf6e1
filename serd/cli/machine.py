"""The machine that serd runs on, as `serd doctor` looks at it: its clock, its service manager."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from serd.cli.finding import Finding
from serd.config.settings import Settings

LEAST_TIME = 1_760_000_000.0
"""serd is younger than this: a clock that shows an earlier time was never set (2025-10-09)."""


def clock(_: Settings) -> Iterator[Finding]:
    """Whether the time of day is plausible, and kept by others."""
    now = time.time()
    synchronised = _output("timedatectl", "show", "--property=NTPSynchronized", "--value")
    if now < LEAST_TIME:
        text = f"shows {time.strftime('%Y-%m-%d %H:%M', time.gmtime(now))} UTC, so events bear a wrong time"
        yield Finding("clock", "warning", text, "set it, or enable time synchronisation: timedatectl set-ntp true")
    elif synchronised == "no":
        text = "is not synchronised; durations do not suffer, the events' times of day may"
        yield Finding("clock", "warning", text, "timedatectl set-ntp true")
    else:
        text = "synchronised" if synchronised == "yes" else "plausible; whether it is synchronised cannot be told here"
        yield Finding("clock", "ok", text)


def systemd(_: Settings) -> Iterator[Finding]:
    """Which units are installed, and how they fare."""
    if not Path("/run/systemd/system").is_dir():
        yield Finding("systemd", "note", "does not run this machine; serd runs without it, nothing restarts it then")
        return
    states = {}
    for scope in ("--system", "--user"):
        properties = _output("systemctl", scope, "show", "serd", "--property=ActiveState,LoadState,NRestarts,Result")
        states[scope] = dict(line.split("=", 1) for line in properties.splitlines() if "=" in line)
    units = {scope: state for scope, state in states.items() if state.get("LoadState") == "loaded"}
    active = [scope for scope, state in units.items() if state.get("ActiveState") == "active"]
    if len(active) > 1:
        text = "the system unit and the user unit both run and compete for the microphone"
        yield Finding("systemd", "warning", text, "systemctl --user disable --now serd, or the system's")
    for scope, state in units.items():
        text = f"{scope} unit: {state.get('ActiveState')}, restarted {state.get('NRestarts', '0')} times"
        failed = state.get("ActiveState") == "failed"
        remedy = f"journalctl {scope if scope == '--user' else ''} -u serd says why".replace("  ", " ")
        yield Finding("systemd", "warning" if failed else "ok", text, remedy if failed else "")
    if not units:
        yield Finding("systemd", "note", "no unit is installed; systemd/README.md says how")


def _output(*command: str) -> str:
    """What a command prints; nothing where it is missing, fails or hangs."""
    if not shutil.which(command[0]):
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
