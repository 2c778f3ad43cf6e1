"""Envelopes as a running serd sends them, for the tests of what receives them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

LABELS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
START = 1_800_000_000.0


def envelope(kind: str, at: float, sequence: int, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"s-{kind}-{sequence}",
        "source": "default",
        "type": f"serd.v1.{kind}",
        "time": datetime.fromtimestamp(START + at, UTC).isoformat().replace("+00:00", "Z"),
        "data": {"session": "s", "sequence": sequence, **data},
    }


def probabilities(label: str, share: float) -> dict[str, float]:
    return {name: share if name == label else (1 - share) / (len(LABELS) - 1) for name in LABELS}


def frame(at: float, sequence: int = 0, **data: Any) -> dict[str, Any]:
    """A frame without speech, unless `data` says otherwise."""
    usual: dict[str, Any] = {
        "state": "no-speech",
        "reason": "noise",
        "label": None,
        "probabilities": None,
        "speech": 0.02,
        "confidence": None,
        "window": {"start_s": 0.0, "end_s": 3.0},
        "latency_ms": 12.2,
        "quality": {
            "level": -42.5,
            "bands": [-42.0, -45.0, -48.0, -51.0, -54.0, -57.0, -60.0, -63.0],
            "clipping": 0.0,
            "overflows": 0,
        },
        "gap": False,
        "model": "thesis-cnn/1.0.0",
    }
    return envelope("frame", at, sequence, usual | data)


def emotion(at: float, sequence: int = 0, label: str = "happy", share: float = 0.87, **data: Any) -> dict[str, Any]:
    usual = {
        "state": "emotion",
        "reason": "confident",
        "label": label,
        "probabilities": probabilities(label, share),
        "speech": 0.97,
        "confidence": share,
    }
    return frame(at, sequence, **(usual | data))


def status(at: float, sequence: int = 0, state: str = "listening", **data: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "state": state,
        "reason": "audio arrives",
        "device": {"name": "USB microphone", "rate": 48000, "channels": 1},
        "model": "thesis-cnn/1.0.0",
        "labels": list(LABELS),
        "stride_s": 0.25,
        "uptime_s": 190.0,
        "stream_s": 190.0,
        "realtime_ratio": 0.031,
        "overflows": 0,
        "gaps": 0,
        "dropped": 0,
        "cpu": 0.062,
        "synthetic": False,
        "version": "0.1.0",
    }
    return envelope("status", at, sequence, usual | data)
