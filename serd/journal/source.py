"""A source: what is known of one serd while its events are put into bins, and its bin in the making."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from serd.events.activation import SURE
from serd.events.payload import Payload
from serd.journal.tables import RUN

Row = dict[str, Any]

HALF = 0.5
"""Value from which on an activation counts as high; it counts at all from the confidence `SURE` on."""

SPANS = ("listened_s", "speech_s", "uncertain_s", "missed_s", "gap_s", "skipped_s", "high_s", "low_s", "unclear_s")
"""Sums of a bin, in seconds."""

LONGEST_S, LONGEST_FRAME = 1e9, 20_000
"""A stream that claims more seconds, a frame that has more characters, is none that serd sent."""

WAITING_FRAMES = 100
"""Frames kept until the status that says what they come from; the status of a running serd comes at once."""


@dataclass
class Bin:
    number: int
    at_s: float
    sums: dict[str, float] = field(default_factory=dict)
    announced: dict[str, float] = field(default_factory=dict)
    weighted: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, seconds: float) -> None:
        """Count seconds into one of SPANS."""
        self.sums[name] = self.sums.get(name, 0.0) + seconds

    def hear(self, data: Payload, stride_s: float) -> None:
        """Count a frame's stride, by what it says of it."""
        self.add("listened_s", stride_s)
        state, label = data.text("state"), data.text("label")
        if state not in ("uncertain", "emotion"):
            return
        self.add("speech_s", stride_s)
        if state == "uncertain" or label is None:
            self.add("uncertain_s", stride_s)
        else:
            self.announced[label[:64]] = self.announced.get(label[:64], 0.0) + stride_s
        for name, share in data.part("probabilities").table().items():
            self.weighted[name[:64]] = self.weighted.get(name[:64], 0.0) + stride_s * min(max(share, 0.0), 1.0)
        activation = data.part("activation")
        value, confidence = activation.number("value"), activation.number("confidence")
        if value is not None:
            sure = confidence is None or confidence >= SURE
            self.add(("high_s" if value >= HALF else "low_s") if sure else "unclear_s", stride_s)

    def row(self) -> Row:
        """The bin as it is stored, but for where it belongs."""
        row: Row = {"number": self.number, "at_s": self.at_s}
        row |= {name: round(self.sums.get(name, 0.0), 4) for name in SPANS}
        for name, table in (("announced", self.announced), ("weighted", self.weighted)):
            row[name] = json.dumps({label: round(s, 4) for label, s in table.items()}) if table else None
        return row


@dataclass
class Source:
    """What is known of one serd."""

    settings: Row | None = None
    run: str = ""
    stream: int = -1
    """Number of its stream; -1 before the first."""
    described: Row | None = None
    """The settings of that stream."""
    last: int = -1
    """Number of the stream's newest bin."""
    bin: Bin | None = None
    end_s: float | None = None
    """Stream time of the last frame's end."""
    sequence: int | None = None
    skipped: int | None = None
    next_at_s: float = 0.0
    state: str = "absent"
    """What it does now: a word of ABSENCES, or `listening`."""
    since_s: float = 0.0
    heard_s: float = 0.0
    waiting: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=WAITING_FRAMES))


def settings_of(event: dict[str, Any]) -> Row:
    """What a status says of the model, the microphone and the settings of the time."""
    data = Payload(event["data"])
    live, run, stride_s = event["data"].get("live"), event["data"]["session"], data.number("stride_s") or 0.0
    told = {True: "microphone", False: "recording"}.get(live, "unknown") if isinstance(live, bool) else "unknown"
    return {
        "source": event["source"], "run": run if RUN.fullmatch(run) else "unknown",
        "model": (data.text("model") or "unknown/0")[:128],
        "labels": json.dumps([text[:64] for text in data.texts("labels")[:64]]),
        "device": data.part("device").text("name") or "unknown",
        "origin": "demo" if data.flag("synthetic") else told, "reference": reference_of(data),
        "stride_s": stride_s if 0.001 <= stride_s <= 60 else 0.25, "version": (data.text("version") or "0")[:64],
    }  # fmt: skip


def reference_of(data: Payload) -> str | None:
    """Where the reference comes from that the voice is compared with; None where the model cannot."""
    return data.part("reference").text("kind")
