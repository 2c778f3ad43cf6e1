"""The Prometheus bridge: an exporter of how serds are; what they hear only where it is asked for."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, get_args

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
    StateSetMetricFamily,
)
from prometheus_client.registry import Collector, CollectorRegistry

from serd.bridges.address import SHAPE, Address
from serd.bridges.bridge import Health
from serd.bridges.exporter import Exporter
from serd.bridges.options import Settings, option
from serd.config.schema import text, truth
from serd.events.reading import DeviceState, FrameEvent, Reading, StatusEvent

LATENCIES_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the histogram's buckets."""

SOURCES = 1024
"""Most serds of one bridge."""


@dataclass(frozen=True)
class PrometheusSettings(Settings):
    """Settings of the Prometheus bridge."""

    listen: str = option(
        "127.0.0.1:9464", "HOST:PORT", text(SHAPE), "where it is scraped (default 127.0.0.1:9464)", "HOST:PORT"
    )
    emotions: bool = option(
        False, "true or false", truth, "seconds of each emotion, too; Prometheus cannot forget a person"
    )


@dataclass
class _Room:
    """What is known of one source since the bridge began."""

    heard: float
    """`time.monotonic()` of the last event."""
    status: StatusEvent | None = None
    speech_s: float = 0.0
    emotions_s: dict[str, float] = field(default_factory=dict)
    latencies: list[int] = field(default_factory=lambda: [0] * (len(LATENCIES_S) + 1))
    latency_sum_s: float = 0.0


class Prometheus(Collector):
    """Be scraped by Prometheus: each serd's state, speech, losses and latency at http://HOST:PORT/metrics."""

    Settings: ClassVar[type[Settings]] = PrometheusSettings

    def __init__(self, settings: PrometheusSettings) -> None:
        address = Address.parse(settings.listen)
        self._settings = settings
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        self._exporter = Exporter(address, registry)
        self._lock = threading.Lock()
        self._rooms: dict[str, _Room] = {}
        self._health = Health(0, 0, 0, 0, 0, 0)

    @property
    def target(self) -> str:
        """Where it is scraped."""
        return self._exporter.url

    def open(self) -> None:
        """Listen. Raises UsageError where that cannot be."""
        self._exporter.open()

    def take(self, event: Reading) -> None:
        """Count an event."""
        with self._lock:
            room = self._rooms.get(event.source)
            if room is None:
                if len(self._rooms) >= SOURCES:
                    return
                room = self._rooms[event.source] = _Room(time.monotonic())
            room.heard = time.monotonic()
            if isinstance(event, StatusEvent):
                room.status = event
            elif isinstance(event, FrameEvent):
                _count(room, event)

    def beat(self, health: Health) -> None:
        """Keep it, for the next scrape."""
        self._health = health

    def close(self) -> None:
        """Listen no more."""
        self._exporter.close()

    def describe(self) -> Iterable[Metric]:
        """Nothing: names are made when scraped."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All metrics, from the exporter's thread."""
        with self._lock:
            rooms = list(self._rooms.items())
            yield from self._states(rooms)
            yield from self._counts(rooms)
        yield from _health(self._health)

    def _states(self, rooms: list[tuple[str, _Room]]) -> Iterator[Metric]:
        info = InfoMetricFamily("serd", "Version and model of a serd.", labels=["source"])
        state = StateSetMetricFamily("serd_state", "State of the daemon: 1 for the one it is in.", labels=["source"])
        age = GaugeMetricFamily("serd_last_event_age_seconds", "Since the last event of any kind.", labels=["source"])
        cpu = GaugeMetricFamily("serd_cpu_ratio", "Processor time of the daemon, share of a core.", labels=["source"])
        busy = GaugeMetricFamily("serd_realtime_ratio", "Computing, as a share of the audio's time.", labels=["source"])
        for source, room in rooms:
            age.add_metric([source], time.monotonic() - room.heard)
            status = room.status
            if status is None:
                continue
            info.add_metric([source], {"version": status.version, "model": status.model})
            state.add_metric([source], {name: name == status.state for name in get_args(DeviceState)})
            for gauge, value in ((cpu, status.cpu), (busy, status.realtime_ratio)):
                if value is not None:
                    gauge.add_metric([source], value)
        yield from (info, state, age, cpu, busy)

    def _counts(self, rooms: list[tuple[str, _Room]]) -> Iterator[Metric]:
        speech = CounterMetricFamily("serd_speech_seconds", "Strides with speech, in seconds.", labels=["source"])
        for source, room in rooms:
            speech.add_metric([source], room.speech_s)
        yield speech
        for name, what in COUNTS.items():
            counter = CounterMetricFamily(f"serd_{name}", what, labels=["source"])
            for source, room in rooms:
                if room.status is not None:
                    counter.add_metric([source], getattr(room.status, name))
            yield counter
        latency = HistogramMetricFamily(
            "serd_latency_seconds", "From the delivery of a window's last sample to the send.", labels=["source"]
        )
        for source, room in rooms:
            latency.add_metric([source], list(_cumulated(room.latencies)), room.latency_sum_s)
        yield latency
        if self._settings.emotions:
            emotions = CounterMetricFamily("serd_emotion_seconds", "Strides by emotion.", labels=["source", "emotion"])
            for source, room in rooms:
                for label, seconds in room.emotions_s.items():
                    emotions.add_metric([source, label], seconds)
            yield emotions


COUNTS = {
    "overflows": "Audio that was lost before the daemon could read it, how often.",
    "gaps": "Places in the stream where audio is missing.",
    "skipped": "Strides that were not judged because the machine was too slow.",
    "dropped": "Events that found a subscriber's queue full.",
}
"""Counts of the daemon's own, by their names in a status; they begin anew with it."""


def _count(room: _Room, frame: FrameEvent) -> None:
    stride_s = room.status.stride_s if room.status else 0.0  # unknown until the first status, which comes at once
    if frame.state != "no-speech":
        room.speech_s += stride_s
        label = frame.label or "uncertain"
        if label in room.emotions_s or len(room.emotions_s) < 65:
            room.emotions_s[label] = room.emotions_s.get(label, 0.0) + stride_s
    latency_s = frame.latency_ms / 1000
    room.latencies[bisect.bisect_left(LATENCIES_S, latency_s)] += 1
    room.latency_sum_s += latency_s


def _cumulated(counts: list[int]) -> Iterator[tuple[str, float]]:
    total = 0
    for end, count in zip((*map(str, LATENCIES_S), "+Inf"), counts, strict=True):
        total += count
        yield end, total


def _health(health: Health) -> Iterator[Metric]:
    for name, value, what in (
        ("events", health.taken, "Events that this bridge took."),
        ("dropped", health.dropped, "Events that fell out of this bridge's queue."),
        ("lost", health.lost, "Events that were numbered and never came to this bridge."),
        ("malformed", health.malformed, "Messages that were no events of this version."),
    ):
        yield CounterMetricFamily(f"serd_bridge_{name}", what, value=value)
