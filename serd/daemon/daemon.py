"""The daemon: moves blocks from the sources through the pipelines to the publisher, as the supervisors direct.

One thread does all of it. The audio callback (its own thread, in `serd.audio.ring`) never waits for this one.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from serd.audio.source import KeepAlive, Source
from serd.daemon.capture import Capture
from serd.daemon.voice import Voice
from serd.defaults import BUSY
from serd.errors import RestartError
from serd.events.publisher import Publisher
from serd.events.requests import Change
from serd.events.status import DeviceState
from serd.inference.pipeline import Pipeline
from serd.system.systemd import Notifier

log = logging.getLogger("serd")
READ_TIMEOUT_S = 0.1
"""Longest wait for a block: signals, requests, new subscribers and the watchdog are served at least this often."""
SEVERAL_TIMEOUT_S = 0.01
"""The same where there are several sources, none of which is to wait for another."""


class Daemon:
    """Runs until the sources end or `stop` is set. Start and end are statuses: `waiting`, ..., `stopped`."""

    def __init__(
        self,
        captures: Sequence[Capture],
        publisher: Publisher,
        notifier: Notifier,
        *,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """`check` is called at each turn, and raises what ends the daemon."""
        self._captures, self._publisher, self._notifier, self._check = captures, publisher, notifier, check
        self._voices = [voice for capture in captures for voice in capture.voices]
        self._requests: queue.SimpleQueue[tuple[Change, str | None]] = queue.SimpleQueue()
        self._stop = threading.Event()

    @classmethod
    def of_one(
        cls,
        source: Source,
        pipeline: Pipeline,
        publisher: Publisher,
        notifier: Notifier,
        *,
        live: bool,
        once: bool = False,
        check: Callable[[], None] = lambda: None,
        **options: Any,
    ) -> Daemon:
        """A daemon of one source that is heard as a whole; `options` are those of its voice."""
        voice = Voice(source, pipeline, publisher, notifier, live=live, **options)
        return cls([Capture(source, [voice], notifier, live=live, once=once)], publisher, notifier, check=check)

    @property
    def state(self) -> DeviceState:
        """The (first) device's state, as its last status has it."""
        return self._voices[0].state

    def request(self, wanted: Change, source: str | None = None) -> None:
        """Ask for mute or unmute, of one voice or all, from any thread or signal handler; done within a turn of the
        loop."""
        self._requests.put((wanted, source))

    def run(self, stop: threading.Event) -> None:
        """Deliver events until the end. Raises SerdError when it cannot go on; every segment is closed first."""
        self._stop = stop
        for voice in self._voices:
            voice.tell()
        try:
            for voice in self._voices:
                if voice.state == "muted":
                    log.warning("%s: muted, nothing is heard until `serd unmute`", voice.title)
                    self._notifier.ready()  # it does what it was asked for
            while not stop.is_set() and self._turn():
                self._tick()
        except RestartError as error:
            if not stop.is_set():
                self._end("failed", str(error))
                raise
            log.warning("%s; left behind", error)  # who asked for the end gets it
        except BaseException as error:
            self._end("failed", str(error) or type(error).__name__)
            raise
        self._end("stopped", "stop was asked for" if stop.is_set() else "the source has ended")

    def _turn(self) -> bool:
        """One look at requests and at the sources; False at a stream's end."""
        self._obey()
        timeout = READ_TIMEOUT_S if len(self._captures) == 1 else SEVERAL_TIMEOUT_S
        more = [capture.turn(timeout, self._meanwhile(capture)) for capture in self._captures]
        if not any(capture.is_open for capture in self._captures):
            self._stop.wait(READ_TIMEOUT_S)
        return all(more)

    def _obey(self) -> None:
        wanted: dict[str | None, Change] = {}
        while not self._requests.empty():
            word, source = self._requests.get()  # of each voice the last one counts
            wanted |= {voice.name: word for voice in self._voices if voice.name is None or source in (None, voice.name)}
        for capture in self._captures if wanted else ():
            capture.unmute([voice for voice in capture.voices if wanted.get(voice.name) == "unmute"])
            capture.mute(
                [voice for voice in capture.voices if wanted.get(voice.name) == "mute"], self._meanwhile(capture)
            )

    def _meanwhile(self, busy: Capture) -> KeepAlive:
        """What goes on while a capture keeps this thread waiting: all the others are heard."""

        def serve() -> bool:
            for capture in self._captures:
                if capture is not busy:
                    capture.drain()
            return self._serve()

        return serve

    def _serve(self) -> bool:
        self._tick()
        return self._stop.is_set()

    def _tick(self) -> None:
        """What is due whether or not audio arrives."""
        self._check()
        self._publisher.poll()
        self._notifier.watchdog()
        now, cpu = time.monotonic(), time.process_time()
        due = [voice for voice in self._voices if voice.stats.heartbeat(now, cpu)]
        if not due:
            return
        ratios = [voice.stats.realtime_ratio for voice in self._voices if voice.stats.realtime_ratio is not None]
        busy = sum(voice.stats.fresh_ratio or 0.0 for voice in self._voices)
        if busy > BUSY and any(capture.live for capture in self._captures):
            log.warning("computing takes %.0f %% of real time: the machine is too slow", 100 * busy)
        for voice in due:
            voice.realtime_ratio = round(sum(ratios), 4) if ratios else None
            voice.tell()

    def _end(self, state: DeviceState, reason: str) -> None:
        """Tell first here, too. Raises RestartError if closing hangs and nobody has asked for the end."""
        self._notifier.stopping()
        for voice in self._voices:
            voice.close_segment("stop")
            voice.become(voice.supervisor.finished(state, reason))
        self._check = lambda: None  # what there was to say has been said
        for capture in self._captures:
            try:
                capture.close(self._serve)
            except RestartError as error:
                if state == "stopped" and not self._stop.is_set():
                    raise
                log.warning("%s; left behind", error)
