"""Where the teacher's files are."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from teachers import ARRAYS

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "teachers"


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache that the test has for itself."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture(scope="session")
def teachers() -> Path:
    """Folder of the teacher's files; a user's machine has none."""
    if not (FOLDER / ARRAYS).is_file():
        pytest.skip("no teacher beside the checkout (../shared/teachers)")
    return FOLDER
