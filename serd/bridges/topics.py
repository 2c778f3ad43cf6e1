"""MQTT topics of one serd, and the payloads that are published on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serd.events.reading import FrameEvent, SegmentEvent, StatusEvent

ENDED = "ended"
"""Event type of a segment's end; that of its start is the emotion."""

UNKNOWN = 0.5
"""Activation while it is not known: as likely high as low."""


@dataclass(frozen=True, slots=True)
class Topics:
    """Topics of one source; all begin with the bridge's prefix and the source's name."""

    prefix: str
    source: str

    @property
    def state(self) -> str:
        """What is heard, retained."""
        return self._of("state")

    @property
    def status(self) -> str:
        """What the daemon says of itself, retained."""
        return self._of("status")

    @property
    def segment(self) -> str:
        """Emotions as they begin and end; not retained."""
        return self._of("segment")

    @property
    def availability(self) -> str:
        """`online` while the daemon is alive, retained."""
        return self._of("availability")

    @property
    def hearing(self) -> str:
        """`online` while audio is judged, retained."""
        return self._of("hearing")

    @property
    def microphone(self) -> str:
        """`ON` or `OFF`, the command to unmute or mute."""
        return self._of("microphone/set")

    def _of(self, name: str) -> str:
        return f"{self.prefix}/{self.source}/{name}"


def state(frame: FrameEvent) -> dict[str, Any]:
    """What is heard. Each field always holds a value: of null a template makes None, which resets an entity."""
    return {
        "emotion": frame.label or frame.state,
        "confidence": frame.confidence or 0.0,
        "activation": frame.activation.value if frame.activation else UNKNOWN,
        "speech": "OFF" if frame.state == "no-speech" else "ON",
        "level": frame.level,
        "time": frame.envelope["time"],
    }


def standing(status: StatusEvent) -> dict[str, Any]:
    """What the daemon says of itself."""
    names = ("state", "reason", "device", "model", "version", "overflows", "gaps", "skipped", "dropped", "synthetic")
    return {name: getattr(status, name) for name in names}


def segment(event: SegmentEvent) -> dict[str, Any]:
    """An emotion as it begins or ends."""
    return {
        "event_type": event.label if event.phase == "start" else ENDED,
        "emotion": event.label,
        "segment": event.segment,
        "confidence": event.confidence,
        "duration_s": event.duration_s,
        "ended_by": event.ended_by or "",
        "time": event.envelope["time"],
    }
