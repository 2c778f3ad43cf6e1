"""The LSL bridge: frames and segments as streams of the Lab Streaming Layer, for recording beside EEG and the like."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pylsl

from serd.bridges.bridge import Health
from serd.bridges.options import Settings, option
from serd.bridges.repeats import Repeats
from serd.config.schema import text
from serd.events.event import encode
from serd.events.reading import FrameEvent, JudgementEvent, Reading, SegmentEvent, StatusEvent

BESIDE = ("speech", "confidence", "activation", "level")
"""Channels after those of the labels."""

OLDEST_S = 60.0
"""An event is taken for no older than this when it comes: beyond it two machines' clocks differ."""


@dataclass(frozen=True)
class LslSettings(Settings):
    """Settings of the LSL bridge."""

    name: str = option(
        "VoiceEmotion", "1 to 64 printable characters", text(r"[^\0\n]{1,64}"),
        "of the stream (default VoiceEmotion)", "NAME",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Outlets:
    """The streams of one serd with one model."""

    model: str
    labels: tuple[str, ...]
    frames: pylsl.StreamOutlet
    markers: pylsl.StreamOutlet


class Lsl:
    """Stream frames (VoiceEmotion) and segments (Markers) to the Lab Streaming Layer, one of each a source.

    A sample holds the probabilities of all labels (NaN while unknown), speech, confidence, activation and level;
    a marker is JSON. Time stamps are those of the window's end, by this machine's LSL clock.
    """

    Settings: ClassVar[type[Settings]] = LslSettings

    def __init__(self, settings: LslSettings) -> None:
        self._settings = settings
        self._repeats = Repeats()
        self._outlets: dict[str, _Outlets] = {}

    @property
    def target(self) -> str:
        """The stream's name; LSL's readers find it on the network by themselves."""
        return f"LSL stream {self._settings.name}"

    def open(self) -> None:
        """Nothing to reach: a stream begins with a source's first status, which names the labels."""

    def take(self, event: Reading) -> None:
        """Push a sample or a marker."""
        repeated = self._repeats.holds(event)
        outlets = self._outlets.get(event.source)
        if isinstance(event, StatusEvent):
            if outlets is None or (outlets.model, outlets.labels) != (event.model, event.labels):
                self._outlets[event.source] = self._begin(event)
        elif outlets is None or repeated:
            return
        elif isinstance(event, FrameEvent):
            outlets.frames.push_sample(sample(event, outlets.labels), _stamp(event))
        else:
            outlets.markers.push_sample([_marker(event)], _stamp(event))

    def beat(self, health: Health) -> None:
        """Nobody to tell."""

    def close(self) -> None:
        """End the streams."""
        self._outlets.clear()

    def _begin(self, status: StatusEvent) -> _Outlets:
        name, source = self._settings.name, status.source
        frames = pylsl.StreamInfo(
            name, "VoiceEmotion", len(status.labels) + len(BESIDE), 1 / status.stride_s, "float32", f"serd-{source}"
        )
        frames.desc().append_child_value("source", source)
        frames.desc().append_child_value("model", status.model)
        channels = frames.desc().append_child("channels")
        for label in (*status.labels, *BESIDE):
            channel = channels.append_child("channel")
            channel.append_child_value("label", label)
            channel.append_child_value("unit", "dBFS" if label == "level" else "probability")
        markers = pylsl.StreamInfo(f"{name}Markers", "Markers", 1, 0.0, "string", f"serd-{source}-markers")
        markers.desc().append_child_value("source", source)
        return _Outlets(status.model, status.labels, pylsl.StreamOutlet(frames), pylsl.StreamOutlet(markers))


def sample(frame: FrameEvent, labels: Sequence[str]) -> list[float]:
    """One number a channel; NaN for what is not known."""
    shares = frame.probabilities or {}
    activation = frame.activation.value if frame.activation else math.nan
    confidence = math.nan if frame.confidence is None else frame.confidence
    return [*(shares.get(label, math.nan) for label in labels), frame.speech, confidence, activation, frame.level]


def _stamp(event: JudgementEvent) -> float:
    """The window's end by LSL's clock: now, less what has passed until the send and since."""
    since = min(max(time.time() - event.sent.timestamp(), 0.0), OLDEST_S)
    return float(pylsl.local_clock()) - since - event.latency_ms / 1000


def _marker(event: SegmentEvent) -> str:
    fields = {
        "label": event.label,
        "phase": event.phase,
        "segment": event.segment,
        "confidence": event.confidence,
        "duration_s": event.duration_s,
        "ended_by": event.ended_by,
    }
    return encode(fields).decode()
