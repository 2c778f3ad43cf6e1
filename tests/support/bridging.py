"""`serd bridge` as a user types it, a room whose events a test sends one by one, and patience."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from serd.events.event import Event
from serd.events.publisher import Publisher
from tests.support.memory import peak_mb

T = TypeVar("T")
PATIENCE = 30.0
"""Seconds after which something that ought to happen is taken to hang."""

ROOT = Path(__file__).resolve().parents[2]


def until(what: Callable[[], T], patience: float = PATIENCE) -> T:
    """The first true value of `what`."""
    give_up = time.monotonic() + patience
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < give_up, f"nothing came of it within {patience:g} s"
        time.sleep(0.02)


class Room:
    """A publisher of its own for one source, for one thread."""

    def __init__(self, endpoint: str, source: str = "room1", session: str = "s") -> None:
        self.publisher = Publisher([endpoint], source, session)
        self.endpoint = self.publisher.endpoints[0]

    def send(self, *events: Event) -> None:
        """Publish."""
        for event in events:
            self.publisher.publish(event)

    def wait(self, n: int = 1) -> None:
        """Until `n` have subscribed."""
        assert self.publisher.wait_subscribers(n, PATIENCE), "nobody subscribed"

    def close(self) -> None:
        """End it."""
        self.publisher.close()


class Process:
    """A command whose output is read as it comes."""

    def __init__(self, command: list[str], **options: Any) -> None:
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, **options
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self.errors: list[str] = []
        self.is_asked_to_end = False
        self._readers = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=lambda: self.errors.extend(self.process.stderr or []), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read_lines(self) -> None:
        for line in self.process.stdout or []:
            self.lines.put(line)

    def said(self, text: str) -> bool:
        """Whether a line on standard error holds the text."""
        return any(text in line for line in list(self.errors))

    def memory_mb(self) -> float:
        """Peak of the resident memory."""
        return peak_mb(self.process.pid)

    def cpu_s(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to end, or end it; its exit code."""
        self.is_asked_to_end = True
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return code


@contextlib.contextmanager
def bridge(*arguments: str | Path, folder: Path, before: Sequence[str] = (), **variables: str) -> Iterator[Process]:
    """`serd bridge ARGUMENTS`, with no configuration of this account but `folder`'s.

    `before` is a command that runs it. At the end it must be alive, unless it was asked to end.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SERD_")}
    environment = {**clean, "XDG_CONFIG_HOME": str(folder / "config"), "XDG_RUNTIME_DIR": str(folder), **variables}
    process = Process(
        [*before, sys.executable, "-m", "serd", "bridge", *map(str, arguments)], env=environment, cwd=ROOT
    )
    try:
        yield process
        assert process.is_asked_to_end or process.process.poll() is None, f"it ended: {process.errors}"
    finally:
        process.process.kill()
        process.process.wait()


@contextlib.contextmanager
def serd_at_a_pipe(serd: str, endpoint: str, runtime: Path, *more: str) -> Iterator[None]:
    """A serd that hears silence, as it comes, from standard input; its sockets are in `runtime`."""
    runtime.mkdir(mode=0o700, exist_ok=True)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "XDG_STATE_HOME": str(runtime / "state")}
    command = [serd, "--headless", "--input", "-", "--publish", endpoint, "--source", "room1", *more]
    over = threading.Event()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT
    ) as process:

        def feed() -> None:
            assert process.stdin is not None
            with contextlib.suppress(OSError):
                while not over.wait(0.1):
                    process.stdin.write(bytes(3200))
                    process.stdin.flush()

        thread = threading.Thread(target=feed, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(PATIENCE)
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
