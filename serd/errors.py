"""What serd says when something is wrong: one line and an exit code."""

from __future__ import annotations

OK = 0
USAGE = 2
NO_DEVICE = 69
OUTPUT = 74
RESTART = 75
CONFIG = 78


def escaped(text: str) -> str:
    """A text as it is shown: what is not printable (a new line, an escape sequence, bytes that are no UTF-8) as
    Python would write it, `\\n` say. Files, devices and models may be called anything; none can forge a line."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def brings(extra: str) -> str:
    """The command that brings an extra of this serd, wherever it came from; an index may have another project's."""
    return f"pip install '.[{extra}]' (in serd's checkout; or the wheel's path for the dot)"


class SerdError(Exception):
    """A fault a person can mend. Its text names the input, what is wrong with it and the remedy, all on one line."""

    exit_code = USAGE

    def __init__(self, text: str) -> None:
        super().__init__(escaped(text))


class UsageError(SerdError):
    """The command line, or a file named on it, cannot be used (exit 2)."""


class NoDeviceError(SerdError):
    """There is no such capture device, or none that can be opened (exit 69)."""

    exit_code = NO_DEVICE


class OutputError(SerdError):
    """What serd has to say cannot be written: a full disk, a closed stream (exit 74)."""

    exit_code = OUTPUT


class RestartError(SerdError):
    """serd cannot go on in this process; a supervisor should start it anew (exit 75)."""

    exit_code = RESTART


class ConfigError(SerdError):
    """The configuration or the model file is wrong (exit 78)."""

    exit_code = CONFIG
