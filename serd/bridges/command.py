"""The command bridge: runs a program on each segment, with the event as JSON on its standard input."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from typing import ClassVar

from serd.bridges.bridge import Health
from serd.bridges.options import Settings, listing, option
from serd.config.schema import number, path, text
from serd.errors import UsageError
from serd.events.event import encode
from serd.events.reading import Reading, SegmentEvent

log = logging.getLogger("serd")


@dataclass(frozen=True)
class CommandSettings(Settings):
    """Settings of the command bridge."""

    program: tuple[str, ...] = option(
        (), "a program and its arguments", listing(path),
        "after `--`: a program and its arguments, which no shell sees", "PROGRAM", flag="PROGRAM",
    )  # fmt: skip
    phase: str = option(
        "both", "one of start, end, both", text("start|end|both"), "start, end or both of a segment (default both)",
        "PHASE",
    )  # fmt: skip
    labels: tuple[str, ...] = option(
        (), "emotions such as happy", listing(text(r"\S{1,64}")), "only this emotion; repeatable", "LABEL",
        flag="--label", many=True,
    )  # fmt: skip
    timeout_s: float = option(
        8.0, "seconds in 0.1..10", number(0.1, 10), "the program is killed after so long (default 8)", "SECONDS",
        flag="--timeout",
    )  # fmt: skip


class Command:
    """Run a program when an emotion begins or ends, the event as JSON on its standard input.

    One at a time and never in a shell: what comes meanwhile waits in the queue, whose oldest fall out.
    """

    Settings: ClassVar[type[Settings]] = CommandSettings

    def __init__(self, settings: CommandSettings) -> None:
        if not settings.program:
            raise UsageError(
                "bridge command: no program; give one after `--`, such as: serd bridge command -- notify-send"
            )
        program = shutil.which(settings.program[0])
        if program is None:
            raise UsageError(f"program {settings.program[0][:200]!r}: cannot be run; give one on the PATH, or its path")
        self._command = [program, *settings.program[1:]]
        self._settings = settings

    @property
    def target(self) -> str:
        """The program."""
        return self._command[0]

    def open(self) -> None:
        """Nothing to reach."""

    def take(self, event: Reading) -> None:
        """Run the program to its end, or kill it and what it has started."""
        settings = self._settings
        if not isinstance(event, SegmentEvent) or settings.phase not in (event.phase, "both"):
            return
        if settings.labels and event.label not in settings.labels:
            return
        try:
            process = subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True)
        except OSError as error:
            log.warning("program %s: cannot be run (%s)", self.target, error.strerror)
            return
        try:
            process.communicate(encode(event.envelope) + b"\n", timeout=settings.timeout_s)
        except subprocess.TimeoutExpired:
            log.warning("program %s: killed after %g s", self.target, settings.timeout_s)
        finally:
            _end(process)
        if process.returncode > 0:
            log.warning("program %s: left with exit code %d", self.target, process.returncode)

    def beat(self, health: Health) -> None:
        """Nobody to tell."""

    def close(self) -> None:
        """Nothing is held open."""


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole group: a program that has left may have left others behind, which would pile up."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
