"""Events as a reader holds them: typed and checked, from envelopes that anybody may have sent.

`read` refuses what the schema (serd.events.event.schema) refuses in the fields that it takes, and ignores all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, get_args

from serd.events.checked import CheckedObject
from serd.events.event import KINDS, MAJOR, NAME, Kind
from serd.events.reference import ReferenceKind, ReferenceUse

JudgementState = Literal["no-speech", "uncertain", "emotion"]
Phase = Literal["start", "end"]
Ending = Literal["change", "gap", "mute", "stop"]
DeviceState = Literal["waiting", "listening", "stalled", "silent", "lost", "muted", "failed", "stopped"]
InputStatus = Literal["ok", "silent", "constant", "clipped", "offset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """What identifies an event of any kind."""

    kind: ClassVar[Kind]
    id: str
    source: str
    """Name of the serd that sent it: 1 to 64 of a-z 0-9 _ -"""
    session: str
    sequence: int
    sent: datetime
    """By the sender's wall clock, in UTC."""
    envelope: Mapping[str, Any] = field(repr=False, compare=False)
    """The whole event as it came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """Whether the voice is high in activation (arousal)."""

    value: float
    """Probability of high activation."""
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementEvent(Numbered):
    """What frames and segments have in common."""

    state: JudgementState
    reason: str
    label: str | None
    """The emotion, exactly when the state is `emotion`."""
    probabilities: Mapping[str, float] | None
    """Probabilities of all labels; None while the emotion network has not been asked."""
    activation: Activation | None
    """None where the model does not say, and without speech."""
    reference: ReferenceUse | None
    """What the voice was compared with; None where the model cannot."""
    speech: float
    """Probability of speech."""
    confidence: float | None
    start_s: float
    end_s: float
    """The window's, or the segment's, place in the stream, in seconds."""
    latency_ms: float
    """From the delivery of the window's last sample to `sent`."""
    level: float
    """Level of the input, in dB of full scale."""
    input: InputStatus
    overflows: int
    gap: bool
    model: str
    """name/version"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameEvent(JudgementEvent):
    """The judgement of one stride."""

    kind: ClassVar[Kind] = "frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEvent(JudgementEvent):
    """The start or the end of a stretch of one emotion."""

    kind: ClassVar[Kind] = "segment"
    segment: str
    phase: Phase
    duration_s: float
    ended_by: Ending | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusEvent(Numbered):
    """What the daemon says of itself, at each change and every 5 s."""

    kind: ClassVar[Kind] = "status"
    state: DeviceState
    reason: str
    device: str
    model: str
    """name/version"""
    labels: tuple[str, ...]
    reference: ReferenceUse | None
    """What the voice is compared with; None where the model cannot."""
    stride_s: float
    uptime_s: float
    stream_s: float
    realtime_ratio: float | None
    cpu: float | None
    overflows: int
    gaps: int
    skipped: int
    dropped: int
    synthetic: bool
    version: str


Reading = FrameEvent | SegmentEvent | StatusEvent


def read(envelope: object) -> Reading:
    """The event in an envelope. Raises ValueError that names the field that is missing or wrong."""
    outer = CheckedObject(envelope, "")
    kind = outer.choice("type", tuple(f"serd.v{MAJOR}.{kind}" for kind in KINDS)).rpartition(".")[2]
    data = outer.part("data")
    source = outer.text("source", 64)
    if not NAME.fullmatch(source):
        raise ValueError("source is wrong")
    common: dict[str, Any] = {
        "id": outer.text("id", 128),
        "source": source,
        "session": data.text("session", 64),
        "sequence": data.count("sequence"),
        "sent": outer.moment("time"),
        "envelope": envelope,
    }
    if kind == "status":
        return _status(data, common)
    common |= _judgement(data)
    if kind == "frame":
        return FrameEvent(**common)
    return SegmentEvent(
        **common,
        segment=data.text("segment", 128),
        phase=data.choice("phase", get_args(Phase)),
        duration_s=data.number("duration_s", 0, 1e12),
        ended_by=data.choice("ended_by", get_args(Ending)) if data.holds("ended_by") else None,
    )


def _judgement(data: CheckedObject) -> dict[str, Any]:
    state = data.choice("state", get_args(JudgementState))
    label = data.text("label", 64) if data.holds("label") else None
    if (label is not None) != (state == "emotion"):
        raise ValueError("label does not go with state")
    activation = data.part("activation") if data.holds("activation") else None
    window, quality = data.part("window"), data.part("quality")
    return {
        "state": state,
        "reason": data.text("reason", 64),
        "label": label,
        "probabilities": data.part("probabilities").shares() if data.holds("probabilities") else None,
        "activation": Activation(value=activation.share("value"), confidence=activation.share("confidence"))
        if activation
        else None,
        "reference": _reference(data),
        "speech": data.share("speech"),
        "confidence": data.share("confidence") if data.holds("confidence") or state == "emotion" else None,
        "start_s": window.number("start_s", 0, 1e12),
        "end_s": window.number("end_s", 0, 1e12),
        "latency_ms": data.number("latency_ms", 0, 1e12),
        "level": quality.number("level", -200, 20),
        "input": quality.choice("status", get_args(InputStatus)) if quality.holds("status") else "ok",
        "overflows": quality.count("overflows"),
        "gap": data.truth("gap"),
        "model": data.text("model", 128),
    }


def _reference(data: CheckedObject) -> ReferenceUse | None:
    if not data.holds("reference"):
        return None
    part = data.part("reference")
    return ReferenceUse(part.choice("kind", get_args(ReferenceKind)), part.number("seconds", 0, 1e12))


def _status(data: CheckedObject, common: dict[str, Any]) -> StatusEvent:
    device = data.part("device")
    return StatusEvent(
        **common,
        state=data.choice("state", get_args(DeviceState)),
        reason=data.shown("reason"),
        device=device.shown("name"),
        model=data.text("model", 128),
        labels=data.texts("labels"),
        reference=_reference(data),
        stride_s=data.number("stride_s", 1e-3, 3600),
        uptime_s=data.number("uptime_s", 0, 1e12),
        stream_s=data.number("stream_s", 0, 1e12),
        realtime_ratio=data.number("realtime_ratio", 0, 1e12) if data.holds("realtime_ratio") else None,
        cpu=data.number("cpu", 0, 1e12) if data.holds("cpu") else None,
        overflows=data.count("overflows"),
        gaps=data.count("gaps"),
        skipped=data.count("skipped") if data.holds("skipped") else 0,
        dropped=data.count("dropped"),
        synthetic=data.truth("synthetic"),
        version=data.text("version", 64),
    )
