"""Environments that tests install things into, kept in the user's cache: the second run finds them ready."""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "serd-tests"

CLEAN = {key: value for key, value in os.environ.items() if not key.startswith(("SERD_", "PYTHON", "VIRTUAL_ENV"))}
"""The environment of a user who has never heard of this checkout."""


def call(
    *command: str | Path, timeout: float = 120, env: dict[str, str] | None = None, cwd: str | Path = "/"
) -> subprocess.CompletedProcess[str]:
    """Run a command away from the checkout, without standard input."""
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
        env=CLEAN if env is None else env,
        cwd=cwd,
    )


def find_python(version: str) -> Path:
    """An interpreter of this version (`3.13`) that works, or skip."""
    places = [shutil.which(f"python{version}")]
    places += [*map(str, Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"))]
    places += [*map(str, Path.home().glob(f".local/share/uv/python/cpython-{version}.*/bin/python{version}"))]
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        places.insert(0, sys.executable)
    for place in filter(None, places):
        if call(place, "-c", "import ensurepip, venv").returncode == 0:
            return Path(place)
    pytest.skip(f"no working Python {version} on this machine")


def with_wheel(version: str, wheel: Path) -> Path:
    """Folder of an environment for this Python that holds the wheel and what it asked for, and nothing else."""
    python = find_python(version)
    requirements = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()[:12]
    folder = CACHE / f"wheel-{version}-{requirements}"
    pip = (folder / "bin" / "python", "-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check")
    # Not the bytes: each test process builds a wheel of its own, with other times in it.
    files = sorted((entry.filename, entry.CRC) for entry in zipfile.ZipFile(wheel).infolist())
    contents = hashlib.sha256(repr(files).encode()).hexdigest()
    with locked(folder.name):
        if not (folder / "ready").is_file():
            for old in (folder, *CACHE.glob(f"wheel-{version}-*")):
                shutil.rmtree(old, ignore_errors=True)
            succeed(python, "-m", "venv", folder)
            succeed(*pip, wheel)
            (folder / "ready").write_text(contents)
        elif (folder / "ready").read_text() != contents:
            succeed(*pip, "--no-deps", "--force-reinstall", wheel)
            (folder / "ready").write_text(contents)
    return folder


def a_clone() -> Path:
    """A checkout of the working tree as a clone would have it, at a path with spaces, with its environment kept."""
    folder = CACHE / "a clone with spaces" / "serd"
    listed = call("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    names = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    with locked("clone"):
        # Another test process may be running it: what is as it should be is not touched.
        for path in sorted(folder.rglob("*"), reverse=True):
            below = path.relative_to(folder)
            kept = below.parts[0].startswith(".venv") or "__pycache__" in below.parts or str(below) in names
            if not kept and not path.is_dir():
                path.unlink()
        for name in names:
            there = folder / name
            if not there.is_file() or not filecmp.cmp(ROOT / name, there, shallow=False):
                there.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, there.with_name(there.name + ".new"))
                there.with_name(there.name + ".new").replace(there)
    return folder


def succeed(*command: str | Path) -> None:
    """Run a command that must not fail."""
    done = call(*command, timeout=600)
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """One test process at a time."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
