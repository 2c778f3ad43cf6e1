"""What the journal's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.journal_command import Desk


@pytest.fixture
def desk(serd: str, tmp_path: Path) -> Iterator[Desk]:
    """The command with an empty store."""
    made = Desk(serd, tmp_path)
    try:
        yield made
    finally:
        made.close()
