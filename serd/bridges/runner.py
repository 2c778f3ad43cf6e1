"""The runner: keeps a bridge open, feeds it, and tells the service manager how it is."""

from __future__ import annotations

import logging
import threading
import time

from serd.bridges.bridge import BEAT_S, Bridge, Health, UnreachableError
from serd.bridges.feed import Feed
from serd.errors import SerdError
from serd.events.reading import Reading
from serd.system.systemd import Notifier
from serd.system.threads import ThreadWatch

log = logging.getLogger("serd")

TURN_S = 0.5
"""Longest wait for an event: the end and the watchdog are looked after at least this often."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 30.0
"""Between attempts to open the bridge: the pause doubles from the first to the longest."""

STEADY_S = 10.0
"""What was open for longer worked: its loss begins with the first pause again."""

DRAIN_S = 2.0
"""How long the end may take to hand on what is still queued."""


class Runner:
    """Runs one bridge until it is stopped. `open`, `take`, `beat` and `close` are called in one thread."""

    def __init__(self, name: str, bridge: Bridge, feed: Feed, notifier: Notifier, watch: ThreadWatch) -> None:
        self._name, self._bridge, self._feed = name, bridge, feed
        self._notifier, self._watch = notifier, watch
        self._open = False
        self._held: Reading | None = None
        """The event that could not be handed on, and is given again."""
        self._taken = self._openings = 0
        self._pause = FIRST_PAUSE_S
        self._since = self._next_try = self._next_beat = float("-inf")

    @property
    def health(self) -> Health:
        """The bridge's health as it is now."""
        feed = self._feed
        queued = feed.queued + (self._held is not None)
        return Health(self._taken, feed.dropped, feed.lost, feed.malformed, queued, max(self._openings - 1, 0))

    def run(self, stop: threading.Event) -> None:
        """Hand events on until `stop` is set. Raises SerdError if the bridge cannot be opened at first."""
        self._feed.start(self._watch)
        try:
            while not stop.is_set():
                self._watch.check()
                self._notifier.watchdog()
                if not self._open and not self._try_to_open():
                    stop.wait(min(TURN_S, self._next_try - time.monotonic()))
                    continue
                try:
                    self._turn()
                except UnreachableError as error:
                    self._lose(str(error))
            self._notifier.stopping()
            self._drain()
        finally:
            self._feed.stop()
            self._bridge.close()
            self._tell_loss()

    def _turn(self) -> None:
        if time.monotonic() >= self._next_beat:
            self._next_beat = time.monotonic() + BEAT_S
            self._bridge.beat(self.health)
            self._notifier.status(f"{self._name}: {self._bridge.target}: {_shown(self.health)}")
        self._held = self._held or self._feed.next(TURN_S)
        if self._held is not None:
            self._bridge.take(self._held)
            self._held = None
            self._taken += 1

    def _try_to_open(self) -> bool:
        if time.monotonic() < self._next_try:
            return False
        try:
            self._bridge.open()
        except (UnreachableError, SerdError) as error:
            if isinstance(error, SerdError) and not self._openings:
                raise
            self._lose(str(error))
            return False
        self._open = True
        self._openings += 1
        self._since = time.monotonic()
        self._next_beat = float("-inf")
        log.info("bridge %s: open to %s", self._name, self._bridge.target)
        self._notifier.ready()
        return True

    def _lose(self, reason: str) -> None:
        if self._open and time.monotonic() - self._since > STEADY_S:
            self._pause = FIRST_PAUSE_S
        self._open = False
        self._bridge.close()
        self._next_try = time.monotonic() + self._pause
        log.warning("bridge %s: %s; trying again in %.3g s", self._name, " ".join(reason.split()), self._pause)
        self._notifier.status(f"{self._name}: {reason}")
        self._pause = min(2 * self._pause, LONGEST_PAUSE_S)

    def _drain(self) -> None:
        """Hand on what has come; it is counted as lost where the other side is away."""
        self._feed.stop()
        until = time.monotonic() + DRAIN_S
        try:
            while self._open and (self._held or self._feed.queued) and time.monotonic() < until:
                self._turn()
        except UnreachableError as error:
            log.warning("bridge %s: %s", self._name, " ".join(str(error).split()))

    def _tell_loss(self) -> None:
        health = self.health
        if health.dropped + health.lost + health.queued + health.malformed:
            log.warning("bridge %s: %s", self._name, _shown(health))


def _shown(health: Health) -> str:
    texts = [f"{health.taken} events handed on"]
    for count, what in (
        (health.queued, "waiting"),
        (health.dropped, "dropped for want of room"),
        (health.lost, "lost on the way from serd"),
        (health.malformed, "malformed"),
    ):
        texts += [f"{count} {what}"] if count else []
    return ", ".join(texts)
