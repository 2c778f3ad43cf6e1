"""A watch over this process's threads: when one dies, the process ends. Deaf and alive is worse than restarted."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from serd.errors import RESTART, RestartError

log = logging.getLogger("serd")

GRACE_S = 1.5
"""Time for the loop to end by itself; then the process is ended where it stands, within 2 s of the death."""


class ThreadWatch:
    """While it is entered, whatever escapes any thread is noted; `check` raises it in the thread that asks."""

    def __init__(self) -> None:
        self._death: str | None = None
        self._over = False
        self._before = threading.excepthook

    def start(self, name: str, body: Callable[[], None]) -> threading.Thread:
        """Run `body` in a thread of its own, which may return but not be thrown out of it, not even by SystemExit."""

        def watched() -> None:
            try:
                body()
            except BaseException as error:
                self._note(name, error)

        thread = threading.Thread(target=watched, name=name, daemon=True)
        thread.start()
        return thread

    def check(self) -> None:
        """Raises RestartError if a thread has died."""
        if self._death is not None:
            raise RestartError(self._death)

    def __enter__(self) -> Self:
        self._before, threading.excepthook = threading.excepthook, self._hook
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        threading.excepthook = self._before
        self._over = True

    def _hook(self, died: threading.ExceptHookArgs) -> None:
        self._note(died.thread.name if died.thread else "unknown", died.exc_value or died.exc_type())

    def _note(self, name: str, error: BaseException) -> None:
        log.debug("thread %s", name, exc_info=error)
        if self._death is None and not self._over:  # later everything is being closed, under the last threads too
            self._death = f"thread {name} died ({type(error).__name__}: {error}); serd has to be started anew"
            last = threading.Timer(GRACE_S, os._exit, [RESTART])
            last.daemon = True
            last.start()
