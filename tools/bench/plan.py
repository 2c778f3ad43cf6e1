"""How much is measured: in full, in a minute, or over a day's recording."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from tools.bench.growth import DAY, HOUR, MINUTE


@dataclass(frozen=True)
class Plan:
    """Runs of each figure, seconds of live measurements and of audio, and the steps of what grows."""

    runs: int = 5
    seconds: float = 20
    audio_s: float = 60
    voice_s: float = 14
    voices: tuple[int, ...] = (1, 4, 16, 64)
    strides: tuple[float, ...] = (0.1, 0.25, 0.5, 1.0)
    lengths: tuple[float, ...] = (1, MINUTE, HOUR)
    subscribers: tuple[int, ...] = (0, 1, 20, 200)

    def but(self, runs: int | None, seconds: float | None) -> Plan:
        """With what was asked for instead."""
        return replace(self, runs=runs or self.runs, seconds=seconds or self.seconds)


FULL = Plan()
QUICK = Plan(1, 4, 4, 6, (1, 2), (0.25, 1.0), (1, 5), (0, 4))
LONG = replace(FULL, seconds=math.ceil(1100 * 0.25), lengths=(*FULL.lengths, DAY))
"""Latency's last thousandth takes a thousand frames."""
