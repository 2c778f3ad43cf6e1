"""A finding of `serd doctor`: what one look has shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from serd.errors import OK

Level = Literal["ok", "note", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look has shown."""

    check: str
    level: Level
    text: str
    remedy: str = ""
    exit_code: int = OK
    """What `serd` would leave with on its account; OK unless the level is `error`."""
