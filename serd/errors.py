"""What serd says when something is wrong: one line and an exit code."""

from __future__ import annotations

OK = 0
USAGE = 2
NO_DEVICE = 69
OUTPUT = 74
RESTART = 75
CONFIG = 78


class SerdError(Exception):
    """A fault a person can mend. Its text names the input, what is wrong with it and the remedy."""

    exit_code = USAGE


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
