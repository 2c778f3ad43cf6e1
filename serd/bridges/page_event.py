"""What the web bridge's readers are told of an event: its checked fields alone, small enough for minutes to be kept."""

from __future__ import annotations

from typing import Any

from serd.events.reading import JudgementEvent, Reading, SegmentEvent, StatusEvent

DIGITS = 3
"""Decimals that are kept: a page shows no more."""


def page_object(event: Reading) -> dict[str, Any]:
    """An event as a JSON object. Shares are 0..1, times seconds, the level dB of full scale."""
    common = {"source": event.source, "session": event.session, "sequence": event.sequence}
    if isinstance(event, StatusEvent):
        return common | _status(event)
    if isinstance(event, SegmentEvent):
        segment = {"segment": event.segment, "phase": event.phase, "ended_by": event.ended_by}
        return common | segment | _judgement(event) | {"duration_s": round(event.duration_s, DIGITS)}
    return common | _judgement(event)


def _judgement(event: JudgementEvent) -> dict[str, Any]:
    activation = event.activation
    return {
        "state": event.state,
        "reason": event.reason,
        "label": event.label,
        "confidence": _short(event.confidence),
        "probabilities": event.probabilities and {name: _short(p) for name, p in event.probabilities.items()},
        "activation": activation and {"value": _short(activation.value), "confidence": _short(activation.confidence)},
        "speech": _short(event.speech),
        "level": round(event.level, 1),
        "latency_ms": round(event.latency_ms),
        "input": event.input,
        "gap": event.gap,
    }


def _status(event: StatusEvent) -> dict[str, Any]:
    return {
        "state": event.state,
        "reason": event.reason,
        "device": event.device,
        "model": event.model,
        "labels": event.labels,
        "stride_s": event.stride_s,
        "uptime_s": round(event.uptime_s),
        "realtime_ratio": _short(event.realtime_ratio),
        "cpu": _short(event.cpu),
        "overflows": event.overflows,
        "gaps": event.gaps,
        "skipped": event.skipped,
        "dropped": event.dropped,
        "synthetic": event.synthetic,
        "version": event.version,
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
