"""The daemon: moves blocks from the source through the pipeline to the publisher, as the supervisor directs.

One thread does all of it. The audio callback (its own thread, in `serd.audio.ring`) never waits for this one.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from serd.audio.source import DeviceLost, EndOfStream, Source
from serd.block import Block
from serd.daemon.stats import Stats
from serd.daemon.supervisor import Supervisor, Transition
from serd.errors import NoDeviceError, RestartError, UsageError
from serd.events.event import Event
from serd.events.publisher import Publisher
from serd.events.requests import Change
from serd.events.status import DeviceState, Status
from serd.inference.pipeline import Pipeline
from serd.inference.reporter import Annotate, Reporter, unlabelled
from serd.inference.segment import EndedBy
from serd.system.systemd import Notifier

log = logging.getLogger("serd")
READ_TIMEOUT_S = 0.1
"""Longest wait for a block: signals, requests, new subscribers and the watchdog are served at least this often."""


class Daemon:
    """Runs until the source ends or `stop` is set. Start and end are statuses: `waiting`, ..., `stopped`."""

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        publisher: Publisher,
        notifier: Notifier,
        *,
        live: bool,
        synthetic: bool = False,
        muted: bool = False,
        once: bool = False,
        check: Callable[[], None] = lambda: None,
        annotate: Annotate = unlabelled,
    ) -> None:
        """`live`: the source is a microphone, which can fall silent and come back.
        `once`: a microphone that cannot be opened at the start is an error rather than waited for.
        `check` is called at each turn, and raises what ends the daemon. `annotate` knows how what plays is labelled.
        """
        self._source, self._pipeline, self._publisher, self._notifier = source, pipeline, publisher, notifier
        self._live, self._synthetic, self._once, self._check = live, synthetic, once, check
        self._reporter = Reporter(pipeline.emotion, pipeline.sample_rate, annotate)
        now = time.monotonic()
        self._stats = Stats(pipeline.stride_s, now, time.process_time())
        self._supervisor = Supervisor(now, live=live, muted=muted)
        self._requests: queue.SimpleQueue[Change] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._open = self._unheard = False
        """Whether the source is open, and whether a mute has kept some of it from being heard."""

    @property
    def state(self) -> DeviceState:
        """The device's state, as the last status has it."""
        return self._supervisor.state

    def request(self, wanted: Change) -> None:
        """Ask for mute or unmute, from any thread or signal handler; done within a turn of the loop."""
        self._requests.put(wanted)

    def run(self, stop: threading.Event) -> None:
        """Deliver events until the end. Raises SerdError when it cannot go on; every segment is closed first."""
        self._stop = stop
        self._tell()
        try:
            if self._supervisor.state == "muted":
                log.warning("%s: muted, nothing is heard until `serd unmute`", self._source.name)
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
        """One look at requests and at the source; False at the stream's end."""
        self._obey()
        if self._open:
            return self._hear()
        if self._supervisor.wants_stream(time.monotonic()) or not self._live:
            self._try_to_open()  # a pipe while muted, too: what it held back would be heard afterwards
        else:
            self._stop.wait(READ_TIMEOUT_S)
        return True

    def _obey(self) -> None:
        wanted: Change | None = None
        while not self._requests.empty():
            wanted = self._requests.get()  # the last one counts
        if wanted == "unmute":
            self._become(self._supervisor.unmuted(time.monotonic()))
        elif wanted == "mute" and self._supervisor.state != "muted":
            self._close_segment("mute")
            if self._live:
                self._unheard = self._unheard or self._open
                self._close()
            self._become(self._supervisor.muted())
            self._notifier.ready()

    def _try_to_open(self) -> None:
        try:
            self._source.open(self._meanwhile)
        except (NoDeviceError, UsageError) as error:
            known = self._supervisor.state == "lost"
            if not self._live or (self._once and not known) or (isinstance(error, UsageError) and not known):
                raise
            self._become(self._supervisor.refused(time.monotonic(), str(error)))
            return
        self._open = True
        self._become(self._supervisor.opened(time.monotonic()))

    def _hear(self) -> bool:
        """Take one block, if there is one; False at the stream's end."""
        try:
            block = self._source.read(READ_TIMEOUT_S)
        except EndOfStream:
            self._emit(event for step in self._pipeline.finish() for event in self._reporter.step(step))
            return False
        except DeviceLost as loss:
            self._lose(self._supervisor.ended(time.monotonic(), str(loss)))
            return True
        if block is not None and self._supervisor.state == "muted":
            self._unheard = True  # a recording or a pipe, which cannot be closed and opened again
            return True
        now = time.monotonic()
        change = self._supervisor.unheard(now) if block is None else self._supervisor.heard(now)
        if change and change.state in ("lost", "waiting"):
            self._lose(change)
            return True
        self._become(change)
        if block is not None:
            self._notifier.ready()
            self._process(replace(block, gap=block.gap or self._unheard))
            self._unheard = False
        return True

    def _process(self, block: Block) -> None:
        began = time.perf_counter()
        age = time.monotonic() - block.arrived
        behind = self._live and self._stats.is_behind(age)
        before, judged = self._pipeline.skipped, 0
        for step in self._pipeline.push(block, behind):
            self._emit(self._reporter.step(step))
            judged += 1
            self._become(self._supervisor.judged(self._pipeline.stride_s, step.quality.status, step.quality.channels))
        if (skipped := self._pipeline.skipped) > before:
            log.warning("%.1f s behind: the machine is too slow; %d strides are not judged so far", age, skipped)
        self._stats.add(block, judged, time.perf_counter() - began)
        if block.gap and not self._unheard:  # a pause that was asked for is no fault
            start_s = block.start / self._pipeline.sample_rate
            log.warning("audio is missing before %.2f s (%d overflows so far)", start_s, block.overflows)

    def _lose(self, change: Transition | None) -> None:
        """Tell first: closing what is left of the stream may take long, or never end."""
        self._close_segment("gap")
        self._become(change)
        self._close()

    def _close(self) -> None:
        self._open = False
        self._source.close(self._meanwhile)

    def _meanwhile(self) -> bool:
        self._tick()
        return self._stop.is_set()

    def _tick(self) -> None:
        """What is due whether or not audio arrives."""
        self._check()
        self._publisher.poll()
        self._notifier.watchdog()
        if self._stats.heartbeat(time.monotonic(), time.process_time()):
            if self._live and self._stats.overload:
                log.warning("computing takes %.0f %% of real time: the machine is too slow", 100 * self._stats.overload)
            self._tell()

    def _become(self, change: Transition | None) -> None:
        if change is None:
            return
        self._tell()
        if self._live and change.state != "failed":  # of which the error itself is the line
            level = logging.INFO if change.state in ("waiting", "listening", "muted", "stopped") else logging.WARNING
            log.log(level, "%s: %s (%s)", self._source.name, change.state, change.reason)

    def _tell(self) -> None:
        stats = self._stats
        status = Status(
            state=self.state,
            reason=self._supervisor.reason,
            device=self._source.name,
            device_rate=self._source.native_rate,
            device_channels=self._source.channels,
            stride_s=self._pipeline.stride_s,
            uptime_s=stats.uptime_s(time.monotonic()),
            stream_s=stats.position / self._pipeline.sample_rate,
            realtime_ratio=stats.realtime_ratio,
            overflows=stats.overflows,
            gaps=stats.gaps,
            dropped=self._publisher.dropped,
            cpu=stats.cpu,
            synthetic=self._synthetic,
            skipped=self._pipeline.skipped,
            reanchored=stats.reanchored,
            live=self._live,
            reference=self._pipeline.reference,
        )
        self._notifier.status(f"{status.state}: {status.device}: {status.reason}")
        self._emit([self._reporter.status(status)])

    def _close_segment(self, ended_by: EndedBy) -> None:
        now = time.monotonic()
        self._emit(self._reporter.segment(last, ended_by == "gap", now) for last in self._pipeline.close(ended_by))

    def _end(self, state: DeviceState, reason: str) -> None:
        """Tell first here, too. Raises RestartError if closing hangs and nobody has asked for the end."""
        self._notifier.stopping()
        self._close_segment("stop")
        self._become(self._supervisor.finished(state, reason))
        self._check = lambda: None  # what there was to say has been said
        try:
            self._source.close(self._meanwhile)
        except RestartError as error:
            if state == "stopped" and not self._stop.is_set():
                raise
            log.warning("%s; left behind", error)

    def _emit(self, events: Iterable[Event]) -> None:
        for event in events:
            self._publisher.publish(event)
