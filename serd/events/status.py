"""The daemon's status: the device's state and what has come in and gone out so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from serd.events.reference import ReferenceUse
from serd.version import __version__

DeviceState = Literal["waiting", "listening", "stalled", "silent", "lost", "muted", "failed", "stopped"]


@dataclass(frozen=True, slots=True)
class Status:
    """What the daemon says of itself; fields as in the schema."""

    state: DeviceState
    reason: str
    device: str
    device_rate: int
    device_channels: int
    stride_s: float
    uptime_s: float
    stream_s: float
    realtime_ratio: float | None
    overflows: int
    gaps: int
    dropped: int
    cpu: float | None
    synthetic: bool
    version: str = __version__
    skipped: int = 0
    reanchored: int = 0
    live: bool = True
    reference: ReferenceUse | None = None
    voices: tuple[str, ...] = ()
