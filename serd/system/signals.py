"""Signals that end a process: caught for a while, and told as an exit code where they cut work short.

One that was ignored at the start (`nohup`, a shell's background job) stays ignored.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence

MUTING = ("USR1", "USR2")

FATAL = tuple(
    getattr(signal, f"SIG{name}")
    for name in ("HUP", "INT", "QUIT", "TERM", "ABRT", "ALRM", "VTALRM", "PROF", "XCPU", "IO", "PWR", "STKFLT", *MUTING)
    if hasattr(signal, f"SIG{name}")
)
"""All that end a process unless it catches them, as it can. Of the others some are ignored (SIGPIPE), some would be
raised anew by the instruction at fault (SIGSEGV)."""

ENDING = tuple(number for number in FATAL if number not in (signal.SIGABRT, signal.SIGUSR1, signal.SIGUSR2))
"""Those that ask a serd that listens to end. SIGABRT is a watchdog's, for what does not listen any more; the last two
mute and unmute."""


class Interrupted(KeyboardInterrupt):
    """A signal came in the middle of something, which is not done."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number
        """Exit code as a shell tells it: 130 for Ctrl-C, 143 for SIGTERM."""


@contextlib.contextmanager
def caught(handler: Callable[[int], None], numbers: Sequence[signal.Signals] = FATAL) -> Iterator[None]:
    """Have `handler` called with a signal's number instead of the process ended; as before afterwards.

    Only in the main thread can that be: elsewhere nothing changes, signals are the caller's.
    """
    with _set(lambda number, _frame: handler(number), numbers):
        yield


@contextlib.contextmanager
def ignored(numbers: Sequence[signal.Signals]) -> Iterator[None]:
    """Have these do nothing for a while; in the main thread, as for `caught`."""
    with _set(signal.SIG_IGN, numbers):
        yield


@contextlib.contextmanager
def _set(handler: signal.Handlers | Callable[[int, object], None], numbers: Sequence[signal.Signals]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        if threading.current_thread() is threading.main_thread():
            for number in numbers:
                before = signal.getsignal(number)
                if before not in (signal.SIG_IGN, None):  # None: not Python's
                    stack.callback(signal.signal, number, before)
                    signal.signal(number, handler)
        yield


def interrupt(number: int) -> None:
    """A handler for what has nothing to finish. Raises Interrupted."""
    raise Interrupted(number)
