"""What a command comes to: an exit code, and one line where something is wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable

from serd.errors import OK, SerdError
from serd.system import descriptors
from serd.system.signals import Interrupted


def allow_descriptors(count: int) -> None:
    """See that so many descriptors may be opened. Raises ConfigError."""
    descriptors.widen(count)
    descriptors.require(count)


def until_interrupted(action: Callable[[], int]) -> int:
    """The exit code of what goes on until it is asked to end: then it has done what it was for."""
    try:
        return action()
    except Interrupted:
        return OK


def exit_code(action: Callable[[], int | None]) -> int:
    """The exit code of `action`; what goes wrong is told in one line."""
    try:
        return action() or OK
    except SerdError as error:
        print(f"serd: {' '.join(str(error).split())}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        return OK
    except Interrupted as signalled:
        return signalled.exit_code
    except SystemExit as leave:  # argparse, after --help
        return int(leave.code or OK)
