"""What an installation takes on the disk: the wheel, what is in it, and what it needs besides."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

from tools.checkout import ROOT

MB = 1e6


def wheel() -> tuple[float, float] | None:
    """MB of serd's wheel, and of what it holds; None where none can be made (script/setup installs what that takes)."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-input", "-w", folder, str(ROOT)]
        made = subprocess.run([sys.executable, "-m", *command], capture_output=True, check=False)
        if made.returncode:
            return None
        path = next(Path(folder).glob("*.whl"))
        with zipfile.ZipFile(path) as archive:
            return path.stat().st_size / MB, sum(entry.file_size for entry in archive.infolist()) / MB


def installed(*names: str) -> float | None:
    """MB of these distributions and all that they require here, extras left out; None if one of them is missing."""
    try:
        return sum(_bytes(one) for one in _closure(*names)) / MB
    except PackageNotFoundError:
        return None


def beside_serd() -> float | None:
    """MB of what serd requires."""
    needed = [Requirement(text) for text in requires("serd") or ()]
    return installed(*(one.name for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})))


def _closure(*names: str) -> list[Distribution]:
    found, waiting = dict[str, Distribution](), list(names)
    while waiting:
        one = distribution(waiting.pop())
        name = one.metadata["Name"].lower()
        if name in found:
            continue
        found[name] = one
        for text in one.requires or ():
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                waiting.append(need.name)
    return list(found.values())


def _bytes(one: Distribution) -> int:
    paths = (Path(str(file.locate())) for file in one.files or ())
    return sum(path.stat().st_size for path in paths if path.is_file())
