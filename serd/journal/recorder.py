"""The recorder: subscribes, and writes what it hears into a person's file while a consent is active.

It holds the clock, the sockets and the signals; the bins are made elsewhere. Once in `LOOK_S` it looks whether the
consent still holds and whether it was asked to end. What cannot be written is kept in memory and tried again.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import signal
import time
from collections.abc import Iterator, Sequence
from typing import Any

from serd.errors import RestartError
from serd.events.silence import Silence
from serd.events.subscriber import Subscription
from serd.journal.bins import Binner, Rows
from serd.journal.consent import Consent, active
from serd.journal.moment import Moment, utc_text
from serd.journal.person import NotWrittenError, PersonFile

log = logging.getLogger("serd")

LOOK_S = 0.25
"""How often consent and requests are looked at: a withdrawal ends a session within a second."""

BATCH = 200
"""Events taken from one serd before the others and the consent have their turn."""

PATIENCE_S = 0.1
WRITE_S = 1.0
"""Rows wait no longer than this to be written."""

UNWRITTEN_ROWS = 20_000
"""Rows kept while the disk is full: more than ten hours of one microphone."""

JUMP_S = 2.0
"""A clock that has gone astray by more than this over a session was set meanwhile."""


class Recorder:
    """One session of one person."""

    def __init__(
        self, file: PersonFile, consent: Consent, now: Moment, *, note: str | None, frames: bool, limit_s: float | None
    ) -> None:
        """Opens the session. `limit_s`: end it by itself after so long. Raises NotWrittenError."""
        self.session = secrets.token_hex(8)
        self._file, self._began, self._zero = file, now, boottime()
        self._binner = Binner(self.session, now.text, frames=frames)
        self._limit_s = limit_s
        self._rows: Rows = []
        self._written_s = self._looked_s = 0.0
        self._version = -1
        self._asked: str | None = None
        self.dropped = 0
        """Rows that found no room, on the disk nor in memory."""
        row = {
            "id": self.session, "consent": consent.id, "started_at": now.text, "offset_min": now.offset_min,
            "zone": now.zone, "elapsed_s": 0.0, "clock_jump_s": 0.0, "note": note,
        }  # fmt: skip
        with file.transaction():
            file.put("session", [row])

    def ask(self, reason: str) -> None:
        """End the session; from a signal handler."""
        self._asked = self._asked or reason

    def run(self, events: Sequence[Subscription]) -> str:
        """Record until the end; why it ended, a word of ENDS. Raises RestartError where the end cannot be written."""
        silences = [Silence(one) for one in events]
        while (reason := self._reason()) is None:
            idle = True
            for one in events:
                for _ in range(BATCH):
                    if not self._take(one.receive(0)):
                        break
                    idle = False
            if idle:
                self._take(events[0].receive(PATIENCE_S))
            for silence in silences:
                silence.look()
            self._write()
        self._end(reason)
        return reason

    def _take(self, event: dict[str, Any] | None) -> bool:
        """Whether there was one."""
        if event is not None:
            self._rows += self._binner.take(event, self._now_s())
        return event is not None

    def _reason(self) -> str | None:
        """Why the session is over, if it is."""
        now_s = self._now_s()
        if self._asked is None and now_s - self._looked_s >= LOOK_S:
            self._looked_s = now_s
            self._rows += self._binner.look(now_s)
            now = Moment.at(self._began.later(now_s), self._began.zone)
            version = self._file.version
            if version != self._version or int(now_s) % 60 == 0:  # somebody wrote, or a day may be over
                self._version = version
                if active(self._file, now) is None:
                    last = self._file.rows("consent")[-1]
                    self._asked = "withdrawal" if last["withdrawn_at"] else "consent-over"
            if self._limit_s is not None and now_s >= self._limit_s:
                self._asked = self._asked or "time"
        return self._asked

    def _write(self) -> None:
        """Write what is complete, at most once a second."""
        now_s = self._now_s()
        if now_s - self._written_s < WRITE_S:
            return
        self._written_s = now_s
        try:
            self._flush(now_s)
        except NotWrittenError as error:
            log.error("%s; what is heard is kept in memory until then", error)
            if (over := len(self._rows) - UNWRITTEN_ROWS) > 0:
                self.dropped += over
                del self._rows[:over]

    def _flush(self, now_s: float) -> None:
        with self._file.transaction():
            for table, row in self._rows:
                self._file.put(table, [row], once=True)
            self._file.change("UPDATE session SET elapsed_s = :s WHERE id = :id", s=round(now_s, 3), id=self.session)
        self._rows = []

    def _end(self, reason: str) -> None:
        """Close the session. Raises RestartError where that cannot be written; the next to open the file closes it."""
        now_s = self._now_s()
        jump_s = (Moment.now().utc - self._began.later(now_s)).total_seconds()
        self._rows += self._binner.finish(now_s)
        for pause in (0.2, 0.5, 1.0, 0.0):
            try:
                self._flush(now_s)
                with self._file.transaction():
                    self._file.change(
                        "UPDATE session SET ended_at = :at, ended_by = :by, clock_jump_s = :jump WHERE id = :id",
                        at=utc_text(self._began.later(now_s)), by=reason, id=self.session,
                        jump=round(jump_s, 3) if abs(jump_s) > JUMP_S else 0.0,
                    )  # fmt: skip
                return
            except NotWrittenError as error:
                fault = error
                time.sleep(pause)
        raise RestartError(f"{fault}; {len(self._rows)} rows of this session are lost")

    def _now_s(self) -> float:
        """Seconds since the session's start."""
        return boottime() - self._zero


def boottime() -> float:
    """A clock that nobody sets and that goes on while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@contextlib.contextmanager
def ended_by_signals(recorder: Recorder) -> Iterator[None]:
    """`serd journal stop` sends SIGUSR1; SIGTERM and Ctrl-C end a session, too."""

    def ask(number: int, _frame: object) -> None:
        recorder.ask("stop" if number == signal.SIGUSR1 else "signal")

    numbers = (signal.SIGUSR1, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.signal(number, ask) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
