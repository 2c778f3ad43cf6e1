"""Progress: lines on stderr about work that takes long, and the question whether to go on."""

from __future__ import annotations

import sys
from collections.abc import Callable

Say = Callable[[str], None]
"""Takes a line about how far the work is."""
Check = Callable[[], None]
"""Called now and then in work that takes long; may raise to end it."""


def say(line: str) -> None:
    """Write a line to stderr at once."""
    print(line, file=sys.stderr, flush=True)


def silent(_: str) -> None:
    """Take a line and write nothing."""


def never() -> None:
    """Let the work go on."""
