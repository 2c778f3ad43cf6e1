"""Log lines on standard error: a repeated one at most once a minute, with its count; none waits for a reader."""

from __future__ import annotations

import logging
import re
import select
import sys
import time
from collections import OrderedDict
from dataclasses import dataclass

from serd.errors import escaped

REPEAT_S = 60.0
REMEMBERED = 100
"""Different lines kept in mind; beyond them the one that was written the longest ago is forgotten."""

LONGEST = 4000
"""Characters of a line: less than the page that a pipe with room has."""

FORMAT = "serd: %(levelname)s: %(message)s"
NUMBER = re.compile(r"\d+(\.\d+)?")


@dataclass
class _Line:
    text: str
    written: float
    held: int = 0


class Repeats:
    """Which lines to hold back, because they were written less than a minute ago; numbers in them do not count."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, _Line] = OrderedDict()

    def holds(self, text: str, now: float) -> bool:
        """Whether to hold the line back. Ask `due` first, which ends the minute of the lines before."""
        name = NUMBER.sub("#", text)
        if name in self._lines:
            self._lines[name].held += 1
            self._lines[name].text = text
            return True
        self._lines[name] = _Line(text, now)
        if len(self._lines) > REMEMBERED:
            self._lines.popitem(last=False)
        return False

    def due(self, now: float) -> list[str]:
        """Lines that were held back and whose minute is over: the last of each kind, with its count."""
        texts = []
        for name, line in list(self._lines.items()):
            if now - line.written < REPEAT_S:
                break  # they stand in the order in which they were written
            del self._lines[name]
            if line.held:
                texts.append(f"{line.text} ({line.held} times more in {min(now - line.written, 9999):.0f} s)")
                self._lines[name] = _Line(line.text, now)
        return texts

    def rest(self) -> list[str]:
        """All that were held back, at the end."""
        texts = [f"{line.text} ({line.held} times more)" for line in self._lines.values() if line.held]
        self._lines.clear()
        return texts


class Lines(logging.Handler):
    """Writes to `sys.stderr` as it is then. Lines that its reader has no room for are left out, and counted."""

    def __init__(self) -> None:
        super().__init__()
        self._repeats = Repeats()
        self._missed = 0
        self.setFormatter(_Formatter(FORMAT))

    def emit(self, record: logging.LogRecord) -> None:
        """Never waits and never raises."""
        now = time.monotonic()
        self._write(self._repeats.due(now))
        try:
            text = self.format(record)
        except Exception:  # a fault in what is logged must not become one in who logs
            text = f"serd: {record.levelname}: {record.msg}"
        if not self._repeats.holds(text, now):
            self._write([text])

    def close(self) -> None:
        """Tell what was held back."""
        self._write(self._repeats.rest())
        super().close()

    def _write(self, texts: list[str]) -> None:
        for text in texts:
            if not _has_room():
                self._missed += 1
                continue
            try:
                if self._missed:
                    sys.stderr.write(f"serd: warning: {self._missed} lines are missing here: nobody read them\n")
                    self._missed = 0
                sys.stderr.write(text[:LONGEST] + "\n")
                sys.stderr.flush()
            except (OSError, ValueError, AttributeError):  # no stderr, or it is closed
                self._missed += 1


class _Formatter(logging.Formatter):
    """One line for each message, whatever names are in it; a debug message's traceback may follow."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        return escaped(super().formatMessage(record))


def set_up() -> None:
    """Log to standard error, from `info` on until someone asks for another level; once a process."""
    root = logging.getLogger()
    if not any(isinstance(handler, Lines) for handler in root.handlers):
        root.addHandler(Lines())
        root.setLevel(logging.INFO)
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        logging.addLevelName(level, logging.getLevelName(level).lower())


def _has_room() -> bool:
    """Whether a line can be written at once: of a pipe, whether a page is free. Where nobody can tell, yes."""
    try:
        descriptor = sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        return True
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))
