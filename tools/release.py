"""Build what is released, check it, and try it where nothing else of serd is: `script/release [--out DIR]`.

The source distribution and the wheel that is made of it are checked (twine, check-wheel-contents), and each is
installed into clean environments of every Python there is that serd supports, where its commands run with an empty
home. Nothing is uploaded. The exit code is 1 if anything is not as it should be.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tools.checkout import DEMO, ROOT

TOOLS = ("build", "twine", "check-wheel-contents")
PYTHONS = ("3.11", "3.12", "3.13")
TRIED = (
    ("--version",),
    ("--help",),
    ("models", "--json"),
    ("config",),
    ("score", "--json", str(DEMO)),
    ("--demo", "--fast", "--headless", "--publish", "ipc://events", "--set", "dwell_s=0.5"),
)
"""Commands that must work from what was installed."""


def run(command: Sequence[str | Path], folder: Path, **variables: str) -> str:
    """What it printed. Raises SystemExit with its words where it fails."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SERD_", "PYTHON"))}
    done = subprocess.run(
        [*map(str, command)], cwd=folder, env=environment | variables, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"release: {' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def environment(folder: Path, python: str, *packages: str | Path) -> Path:
    """A new environment's programs, with these packages."""
    run([python, "-m", "venv", folder], folder.parent)
    run([folder / "bin" / "python", "-m", "pip", "install", "--quiet", *packages], folder.parent)
    return folder / "bin"


def pythons() -> Iterator[str]:
    """Those that are here and start."""
    for version in PYTHONS:
        found = shutil.which(f"python{version}")
        if found and subprocess.run([found, "-c", "import venv"], check=False, capture_output=True).returncode == 0:
            yield found


def attempt(programs: Path, folder: Path) -> None:
    """Run what people run first, from an empty folder, as an account without settings."""
    home = folder / "home"
    home.mkdir()
    for arguments in TRIED:
        out = run([programs / "serd", *arguments], home, HOME=str(home), XDG_RUNTIME_DIR=str(home))
        if not out.strip():
            sys.exit(f"release: serd {' '.join(arguments)} printed nothing")


def main() -> None:
    """Build, check, try; the files are named at the end."""
    parser = argparse.ArgumentParser(prog="script/release", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="DIR", help="where they go (default: dist)")
    out = parser.parse_args().out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    if any(out.iterdir()):
        sys.exit(f"release: {out}: is not empty; give another folder with --out, or remove what was built before")
    with tempfile.TemporaryDirectory(prefix="serd-release-") as temporary:
        folder = Path(temporary)
        tools = environment(folder / "tools", sys.executable, *TOOLS)
        run([tools / "python", "-m", "build", "--outdir", out, ROOT], folder)
        made = sorted(out.iterdir())
        run([tools / "twine", "check", "--strict", *made], folder)
        wheels = [one for one in made if one.suffix == ".whl"]
        run([tools / "check-wheel-contents", "--config", ROOT / "pyproject.toml", *wheels], folder)
        for python in pythons():
            for one in made:
                place = folder / f"{Path(python).name}-{one.suffix[1:]}"
                place.mkdir()
                attempt(environment(place / "environment", python, one), place)
                print(f"{one.name}: works on {Path(python).name}")
    print(*made, sep="\n")


if __name__ == "__main__":
    main()
