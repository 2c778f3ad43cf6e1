"""The rooms of model_build: what may import what, held by contracts that notice a wall that was broken through."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 250
"""Lines of a module, at most."""
TWICE = 4
"""Names of modules that may occur in two rooms."""


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    """The contracts held against the packages in a folder."""
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The packages and their contracts, to plant imports in."""
    for name in ("serd", "model_build"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "models", "data"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_packages_keep_their_contracts(copy: Path) -> None:
    done = linted(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("place", "line", "contract"),
    [
        ("model_build/files/cache.py", "from model_build.report import formatting", "no import leads up a floor"),
        ("model_build/training/fit.py", "from model_build.thesis import plan", "no import leads up a floor"),
        ("model_build/statistics/metrics.py", "import keras", "figures know no network"),
        ("model_build/evaluation/row.py", "from model_build.evaluation import streaming", "no circle"),
        (
            "serd/inference/pipeline.py",
            "from model_build.files import audio",
            "the daemon never needs the training code",
        ),
    ],
)
def test_a_planted_import_breaks_one(copy: Path, place: str, line: str, contract: str) -> None:
    file = copy / place
    file.write_text(f"{file.read_text()}\n{line}\n")
    done = linted(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(contract in line for line in broken), broken


def test_a_room_that_no_contract_knows_is_noticed(copy: Path) -> None:
    (copy / "model_build" / "attic").mkdir()
    (copy / "model_build" / "attic" / "__init__.py").touch()
    done = linted(copy)
    assert done.returncode == 1
    assert "attic" in done.stdout


def test_no_module_is_long_and_few_names_occur_twice() -> None:
    modules = [path for name in ("model_build", "tools") for path in (ROOT / name).rglob("*.py")]
    assert {path.name: length for path in modules if (length := len(path.read_text().splitlines())) > ENOUGH} == {}
    own = Counter(path.stem for path in modules if "model_build" in path.parts and path.stem != "__init__")
    assert len([name for name, count in own.items() if count > 1]) <= TWICE
    assert max(own.values()) == 2
    assert [path for path in (ROOT / "model_build").glob("*.py") if path.stem not in ("__init__", "__main__")] == []
