"""A serd in the field: run as a user runs it, followed by a subscriber of the test's, and measured.

Times are the wall clock's, which daemon and test share: of an event, when it was sent.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from serd.events.subscribe import subscribe
from tests.support.wire import valid

PATIENCE_S = 40.0
"""After this long something that ought to happen is taken never to happen: the machine may be busy."""

LOST_WITHIN_S = 2.0
BACK_WITHIN_S = 5.0
"""What serd owes: lost is told so soon after the last frame, and the first block so soon after the device's return."""

SLACK_S = 0.5
"""For what happens outside of serd: a command that takes its time to act, a test that is late to look."""

EAGER = ("emotion_on=0.13", "emotion_off=0", "margin=0", "dwell_s=0.25", "speech_hold_s=5")
"""Rules under which any speech is an emotion that lasts, so that there is a segment to end."""


@dataclass(frozen=True)
class Measured:
    """One row of the table. None: does not apply."""

    number: int
    name: str
    detected_s: float | None = None
    recovered_s: float | None = None
    lost_s: float | None = None
    skipped: float | None = None
    events_lost: float | None = None

    def or_worse(self, other: Measured) -> Measured:
        """The worse of each figure: a row may have several tests."""
        pairs = zip(astuple(self)[2:], astuple(other)[2:], strict=True)
        return Measured(
            self.number, self.name, *(max((v for v in pair if v is not None), default=None) for pair in pairs)
        )

    def cells(self) -> list[str]:
        """As text."""
        seconds = [self.detected_s, self.recovered_s, self.lost_s]
        return [
            str(self.number),
            self.name,
            *("–" if value is None else f"{value:.2f}" for value in seconds),
            *("–" if value is None else f"{value:.0f}" for value in (self.skipped, self.events_lost)),
        ]


def table(rows: Iterable[Measured]) -> Iterator[str]:
    """Lines of a table of them, in Markdown."""
    columns = ("#", "failure", "detected (s)", "recovered (s)", "audio lost (s)", "strides skipped", "events lost")
    yield f"| {' | '.join(columns)} |"
    yield "|" + "---|" * len(columns)
    for row in sorted(rows, key=lambda row: row.number):
        yield f"| {' | '.join(row.cells())} |"


class Field:
    """A running `serd` and its subscriber."""

    def __init__(self, serd: str, *arguments: str, env: dict[str, str], rules: tuple[str, ...] = ()) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="serd-field-", dir="/tmp"))  # a socket's path has to be short
        self.endpoint = f"ipc://{self.folder}/events"
        self.events: list[dict[str, Any]] = []
        self._over = threading.Event()
        self._subscription = subscribe(self.endpoint)
        self._ears = threading.Thread(target=self._listen, daemon=True)
        self._ears.start()
        sets = [word for rule in rules for word in ("--set", rule)]
        self.env = {**env, "XDG_CONFIG_HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder)}
        self.process = subprocess.Popen(
            [serd, "--publish", self.endpoint, "--wait-subscribers", "1", *sets, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "stderr").open("wb"),
            env=self.env,
        )

    @property
    def stderr(self) -> list[str]:
        """Lines so far."""
        return (self.folder / "stderr").read_text().splitlines()

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Data of all events of a kind so far, with `at`: when each was sent (Unix s)."""
        return [
            {**event["data"], "at": datetime.fromisoformat(event["time"]).timestamp()}
            for event in list(self.events)
            if event["type"].endswith(kind)
        ]

    def states(self) -> list[str]:
        """Of the source, each once until it changes."""
        states = [status["state"] for status in self.of("status")]
        return [state for k, state in enumerate(states) if k == 0 or state != states[k - 1]]

    def until(self, done: Callable[[], object], seconds: float = PATIENCE_S) -> None:
        """Wait until `done()`; a test that waits in vain fails with what there was."""
        limit = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < limit, (self.states(), self.of("status")[-1:], self.stderr[-3:])
            time.sleep(0.02)

    def state(self, name: str, after: float = 0.0, reason: str = "") -> dict[str, Any]:
        """Wait for a status of this state, sent `after` that time, whose reason has these words; the first."""

        def found() -> list[dict[str, Any]]:
            return [s for s in self.of("status") if s["state"] == name and s["at"] >= after and reason in s["reason"]]

        self.until(found)
        return found()[0]

    def frame(self, after: float = 0.0) -> dict[str, Any]:
        """Wait for a frame sent `after` that time."""
        self.until(lambda: any(frame["at"] >= after for frame in self.of("frame")))
        return next(frame for frame in self.of("frame") if frame["at"] >= after)

    @property
    def audio_lost_s(self) -> float:
        """Seconds of the stream between frames that no frame is about."""
        frames = self.of("frame")
        pauses = (b["window"]["start_s"] - a["window"]["end_s"] for a, b in pairwise(frames) if b["gap"])
        return sum((max(0.0, float(pause)) for pause in pauses), 0.0)

    @property
    def skipped(self) -> int:
        return int(self.of("status")[-1]["skipped"])

    @property
    def events_lost(self) -> int:
        """Numbered, never received; and all that were received are checked against the schema."""
        for event in list(self.events):
            valid(event)
        return self._subscription.lost

    def losses(self) -> dict[str, float]:
        """For the table."""
        return {"lost_s": self.audio_lost_s, "skipped": self.skipped, "events_lost": self.events_lost}

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask for the end; the exit code, once its last event is here."""
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE_S)
        if code == 0:
            self.until(lambda: self.states()[-1:] == ["stopped"], 10)
        return code

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self._over.set()
        self._ears.join(10)
        self._subscription.close()
        for file in (*self.folder.glob("serd/*"), *self.folder.glob("*")):
            if file.is_file() or file.is_socket():
                file.unlink(missing_ok=True)

    def _listen(self) -> None:
        while not self._over.is_set():
            event = self._subscription.receive(0.1)
            if event is not None:
                self.events.append(event)


@contextmanager
def in_the_field(
    serd: str, *arguments: str, env: dict[str, str] | None = None, rules: tuple[str, ...] = ()
) -> Iterator[Field]:
    """A serd that ends with the block."""
    made = Field(serd, *arguments, env=dict(env or os.environ), rules=rules)
    try:
        yield made
    finally:
        made.close()
