"""A small terminal: runs a command on a real pseudo-terminal and keeps what it would show."""

from __future__ import annotations

import codecs
import fcntl
import os
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENTER, LEAVE, SHOW_CURSOR = "\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h"


class Terminal:
    """A command on a real pseudo-terminal."""

    def __init__(self, *command: str, size: tuple[int, int] = (80, 24), **environment: str) -> None:
        self._master, slave = os.openpty()
        self.resize(*size)
        self.before = termios.tcgetattr(self._master)
        kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**kept, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **environment},
            preexec_fn=lambda: os.login_tty(slave),  # noqa: PLW1509
        )
        os.close(slave)
        self.output = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def wait_for(self, shown: Callable[[str], bool], timeout: float = 20) -> str:
        """What stands on the screen as soon as `shown` is true of it."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline and self._read(0.1):
            if shown(self.screen()):
                return self.screen()
        pytest.fail(f"not shown within {timeout} s; on the screen is:\n{self.screen()}")

    def screen(self) -> str:
        """What stands on the screen: of a terminal's orders those that serd uses are followed."""
        rows: dict[int, dict[int, str]] = {}
        row = column = 0
        for order, character in re.findall(r"(\x1b\[[?\d;]*[a-zA-Z])|(.)", self.output, re.DOTALL):
            place = re.fullmatch(r"\x1b\[(\d+);(\d+)H", order)
            if place:
                row, column = int(place[1]) - 1, int(place[2]) - 1
            elif order in (ENTER, LEAVE):
                rows.clear()
            elif character:
                rows.setdefault(row, {})[column] = character
                column += 1
        return "\n".join("".join(cells[k] for k in sorted(cells)).rstrip() for _, cells in sorted(rows.items()))

    def leave(self, timeout: float = 10) -> int:
        """Wait for the end of the command; its exit code. The terminal must be as it was."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read(0.1)
        while self._read(0.1, patient=False):
            pass
        after = termios.tcgetattr(self._master)
        code = self.process.wait(1)
        assert after == self.before
        assert self.output.count(ENTER) == self.output.count(LEAVE)
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _read(self, seconds: float, patient: bool = True) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return patient
        try:
            read = os.read(self._master, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self.output += self._decoder.decode(read)
        return bool(read)
