"""A voice: its pipeline, its figures, its state, and the source that its events are published as."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import replace

from serd.audio.source import Source
from serd.block import Block
from serd.daemon.stats import Stats
from serd.daemon.supervisor import Supervisor, Transition
from serd.events.event import Event
from serd.events.publisher import Publisher
from serd.events.status import DeviceState, Status
from serd.inference.crosstalk import Other, beside, nobody
from serd.inference.own import OwnSegments
from serd.inference.pipeline import Pipeline
from serd.inference.reporter import Annotate, Reporter, unlabelled
from serd.inference.segment import EndedBy
from serd.inference.step import Step
from serd.system.systemd import Notifier

log = logging.getLogger("serd")


class Voice:
    """What is heard of one source: all of it, or one voice of several, of which each is judged by itself."""

    def __init__(
        self,
        source: Source,
        pipeline: Pipeline,
        publisher: Publisher,
        notifier: Notifier,
        *,
        live: bool,
        name: str | None = None,
        together: tuple[str, ...] = (),
        muted: bool = False,
        synthetic: bool = False,
        annotate: Annotate = unlabelled,
        other: Other = nobody,
        drop: bool = False,
    ) -> None:
        """`name`: the source of its events; None: the publisher's one. `together`: the names of all voices of this
        process. `drop` leaves frames in which `other` finds another voice out of segments."""
        now = time.monotonic()
        self.name, self._together = name, together
        self.pipeline, self.stats = pipeline, Stats(pipeline.stride_s, now, time.process_time())
        self.supervisor = Supervisor(now, live=live, muted=muted)
        self.unheard = False
        """Whether a mute has kept some of the stream from being heard."""
        self.realtime_ratio: float | None = None
        """Share of real time that judging all voices of this process takes."""
        self._source, self._publisher, self._notifier = source, publisher, notifier
        self._live, self._synthetic = live, synthetic
        self._reporter = Reporter(pipeline.emotion, pipeline.sample_rate, annotate)
        self._other = other
        self._own = OwnSegments(pipeline.stride) if drop else None

    @property
    def title(self) -> str:
        """What a person would call it."""
        return f"{self.name} ({self._source.name})" if self.name else self._source.name

    @property
    def state(self) -> DeviceState:
        """The device's state, for this voice."""
        return self.supervisor.state

    def take(self, block: Block, skip: bool) -> float:
        """Take its samples in; the seconds that went into them. With `skip` their strides are not judged."""
        began, judged = time.perf_counter(), 0
        if self.unheard:
            block = replace(block, gap=True)
        for step in self.pipeline.push(block, skip):
            self._report(step)
            judged += 1
            self.become(self.supervisor.judged(self.pipeline.stride_s, step.quality.status, step.quality.channels))
        spent = time.perf_counter() - began
        self.stats.add(block, judged, spent)
        self.unheard = False
        return spent

    def finish(self) -> None:
        """The stream has come to its end."""
        for step in self.pipeline.finish():
            self._report(step)

    def close_segment(self, ended_by: EndedBy) -> None:
        """End the open segment now."""
        now = time.monotonic()
        segments = self.pipeline.close(ended_by)
        if self._own is not None:
            segments = self._own.close(ended_by)
        self._emit(self._reporter.segment(last, ended_by == "gap", now) for last in segments)

    def become(self, change: Transition | None) -> None:
        """Tell of a new state."""
        if change is None:
            return
        self.tell()
        if self._live and change.state != "failed":  # of which the error itself is the line
            level = logging.INFO if change.state in ("waiting", "listening", "muted", "stopped") else logging.WARNING
            log.log(level, "%s: %s (%s)", self.title, change.state, change.reason)

    def tell(self) -> None:
        """Publish its status."""
        stats = self.stats
        status = Status(
            state=self.state,
            reason=self.supervisor.reason,
            device=self._source.name,
            device_rate=self._source.native_rate,
            device_channels=self._source.channels,
            stride_s=self.pipeline.stride_s,
            uptime_s=stats.uptime_s(time.monotonic()),
            stream_s=stats.position / self.pipeline.sample_rate,
            realtime_ratio=self.realtime_ratio,
            overflows=stats.overflows,
            gaps=stats.gaps,
            dropped=self._publisher.dropped,
            cpu=stats.cpu,
            synthetic=self._synthetic,
            skipped=self.pipeline.skipped,
            reanchored=stats.reanchored,
            live=self._live,
            reference=self.pipeline.reference,
            voices=self._together,
        )
        self._notifier.status(f"{self.state}: {self.title}: {status.reason}")
        self._emit([self._reporter.status(status)])

    def _report(self, step: Step) -> None:
        other = None if step.decision.state == "no-speech" else self._other(step.scores.end)
        if self._own is not None:
            step = self._own.step(step, other is not None)
        self._emit(beside(event, other) for event in self._reporter.step(step))

    def _emit(self, events: Iterable[Event]) -> None:
        for event in events:
            self._publisher.publish(event, self.name)
