"""The resident memory of a process, in MB, as Linux tells it.

`getrusage` would not do: the peak that it names is at least that of whoever started the process.
"""

from __future__ import annotations

from pathlib import Path


def resident_mb(pid: int | str = "self") -> float:
    """What it holds now."""
    return _field(pid, "VmRSS")


def peak_mb(pid: int | str = "self") -> float:
    """The most that it has held."""
    return _field(pid, "VmHWM")


def _field(pid: int | str, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace").splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{name}:"))
