"""A hush for C libraries: what ALSA, JACK, PortAudio and mpg123 write to descriptor 2 goes nowhere.

Python's own stderr keeps its way out: it is given a descriptor of its own first.
"""

from __future__ import annotations

import io
import os
import sys
import threading


class Hush:
    """Descriptor 2 leads nowhere while at least one has begun; what Python writes to stderr still arrives."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._depth = 0
        self._saved = -1

    def begin(self) -> None:
        """Turn descriptor 2 away."""
        with self._lock:
            self._depth += 1
            if self._depth > 1:
                return
            _own_stderr()
            try:
                self._saved = os.dup(2)
            except OSError:  # it was closed before serd began
                self._saved = -1
                return
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

    def __enter__(self) -> None:
        self.begin()

    def __exit__(self, *_: object) -> None:
        self.end()


def _own_stderr() -> None:
    """Let `sys.stderr`, and every log handler that holds it, write to a descriptor of its own."""
    buffer = getattr(sys.stderr, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    try:
        if isinstance(raw, io.FileIO) and raw.fileno() == 2:
            sys.stderr.flush()
            # The object stays, since others hold it; only the descriptor under it changes.
            raw.__init__(os.dup(2), "wb", closefd=False)  # type: ignore[misc]
    except (OSError, ValueError):
        pass


hush = Hush()
"""The process's one: descriptor 2 is one for all threads."""
