"""Descriptors: whether this process may open as many files and sockets as it will need.

Where it may not, libraries say something else, or end the process as ZeroMQ does.
"""

from __future__ import annotations

import contextlib
import os
import resource

from serd.errors import ConfigError

FEW = 12
"""What reads, scores or asks needs: at most 9 are open at once (measured: the least limit under which it works)."""

MANY = 48
"""What listens or looks for devices needs: 30 with PulseAudio, 21 for a recording, and some for subscribers."""


def widen(count: int) -> None:
    """Let this program open `count` more where only its soft limit stands against it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = soft + count if hard == resource.RLIM_INFINITY else min(soft + count, hard)
    if _free(soft, count) < count and wanted > soft:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def require(count: int) -> None:
    """See that `count` more may be opened. Raises ConfigError, which names the limit."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    free = _free(limit, count)
    if free < count:
        raise ConfigError(
            f"open files: the limit is {limit} (ulimit -n), of which {limit - free} are taken and {count} are needed;"
            f" ulimit -n {limit - free + count} or more, LimitNOFILE= in a unit"
        )


def _free(limit: int, enough: int) -> int:
    """How many numbers below `limit` are free, counted up to `enough`; counting opens none."""
    free = number = 0
    while free < enough and (number < limit or limit == resource.RLIM_INFINITY):
        try:
            os.fstat(number)
        except OSError:
            free += 1
        number += 1
    return free
