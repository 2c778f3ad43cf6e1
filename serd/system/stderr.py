"""Quiet for C libraries: what ALSA, JACK, PortAudio and mpg123 write to descriptor 2 goes nowhere.

Only in the program, whose descriptor 2 it is and whose own stderr leaves by another (`serd.system.streams.take_over`).
As a library serd touches neither.
"""

from __future__ import annotations

import os
import threading


class QuietStderr:
    """Descriptor 2 leads nowhere while at least one has begun, if it is ours."""

    def __init__(self) -> None:
        self.owned = False
        """Whether descriptor 2 is this program's own, and nothing of Python's is written there."""
        self._lock = threading.Lock()
        self._depth = 0
        self._saved = -1

    def begin(self) -> None:
        """Turn descriptor 2 away."""
        with self._lock:
            self._depth += 1
            if self._depth > 1 or not self.owned:
                return
            self._saved = os.dup(2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)

    def end(self) -> None:
        """Undo one `begin`."""
        with self._lock:
            self._depth -= 1
            if self._depth == 0 and self._saved >= 0:
                os.dup2(self._saved, 2)
                os.close(self._saved)
                self._saved = -1

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, *_: object) -> None:
        self.end()


quiet_stderr = QuietStderr()
"""The process's one: descriptor 2 is one for all threads."""
