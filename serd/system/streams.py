"""The program's standard streams: there from the start, and what cannot be written is one line and a code.

Only the program (`serd.cli.main`) calls `own`. As a library serd leaves its host's streams as they are.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from typing import Any, TextIO

from serd.errors import OutputError
from serd.system.stderr import quiet_stderr

CONTRARY = (os.O_WRONLY, os.O_RDONLY, os.O_WRONLY)
"""How /dev/null is opened in place of a closed stream: reading input and writing output fail, as they did before;
errors go nowhere."""


def take_over() -> None:
    """Take the standard streams over, once a process, before any file is opened.

    A closed one is replaced, lest the next file that is opened become descriptor 2 and be written into. What Python
    writes to stderr leaves by a descriptor of its own, so that C libraries can be hushed on descriptor 2.
    """
    for descriptor, mode in enumerate(CONTRARY):
        try:
            os.fstat(descriptor)
        except OSError:
            opened = os.open(os.devnull, mode)
            os.dup2(opened, descriptor)
            if opened != descriptor:
                os.close(opened)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
    if sys.stdout is sys.__stdout__:
        raw = _Output(1, "wb", closefd=False)
        sys.stdout = _text(io.BufferedWriter(raw), sys.stdout, at_once=raw.isatty())
    if sys.stderr is sys.__stderr__:
        sys.stderr = _text(io.BufferedWriter(_Errors(os.dup(2), "wb")), sys.stderr, at_once=True)
        quiet_stderr.owned = True


def write(line: bytes) -> None:
    """Write to standard output at once, past Python's buffer, whose lock a blocked pipe would hold at exit.

    Raises BrokenPipeError where the reader has gone, OutputError for any other reason.
    """
    try:
        _write(sys.stdout.fileno(), line)
    except BrokenPipeError:
        raise
    except OSError as error:
        remedy = "send it somewhere" if error.errno == errno.EBADF else "make room or send it elsewhere"
        raise OutputError(f"standard output: cannot be written ({error.strerror}); {remedy}") from None


def _write(descriptor: int, data: Any) -> int:
    left = memoryview(data).cast("B")
    size = len(left)
    while left:
        try:
            left = left[os.write(descriptor, left) :]
        except BlockingIOError:  # another program that shares the pipe or terminal has made it so
            select.select([], [descriptor], [])
    return size


class _Output(io.FileIO):
    """Descriptor 1. What follows a fault goes nowhere: it has been told, and must not be told again at exit."""

    _failed = False

    def write(self, data: Any) -> int:
        if not self._failed:
            self._failed = True
            write(data)
            self._failed = False
        return memoryview(data).nbytes


class _Errors(io.FileIO):
    """A descriptor for stderr. Where it cannot be written there is nobody to tell: the exit code still does."""

    def write(self, data: Any) -> int:
        with contextlib.suppress(OSError):
            _write(self.fileno(), data)
        return memoryview(data).nbytes


def _text(buffer: io.BufferedWriter, before: TextIO | None, *, at_once: bool) -> TextIO:
    """A text stream in the encoding of the one before; a character that it lacks is written escaped, not lost.

    `at_once`: each line as soon as it is whole.
    """
    encoding = getattr(before, "encoding", None) or "utf-8"
    return io.TextIOWrapper(buffer, encoding, "backslashreplace", line_buffering=at_once)
