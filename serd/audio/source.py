"""A source of blocks: the protocol that microphones, recordings and pipes share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from serd.block import Block

KeepAlive = Callable[[], bool]
"""What a source calls while something keeps it waiting, ten times a second or more; True if there is no time left."""


def never_abort() -> bool:
    """Nothing else to do, and all the time in the world."""
    return False


class Source(Protocol):
    """Where blocks come from: a microphone, a file, a pipe. All deliver mono at the rate asked for."""

    @property
    def name(self) -> str:
        """What a person would call it: the device's or the file's name."""

    @property
    def native_rate(self) -> int:
        """Samples per second before resampling."""

    @property
    def channels(self) -> int:
        """Channels before mixing."""

    def open(self, keep_alive: KeepAlive = never_abort, /) -> None:
        """Start delivering. Raises SerdError."""

    def read(self, timeout: float) -> Block | None:
        """The next block, or None after `timeout` seconds without one. Raises EndOfStream, DeviceLost."""

    def close(self, keep_alive: KeepAlive = never_abort, /) -> None:
        """Stop delivering; harmless when not open. Raises RestartError if that hangs."""


class EndOfStream(Exception):
    """The source has delivered all it had."""


class DeviceLost(Exception):
    """The device went away while it was open; its text says what was seen."""
