"""What a run takes, by the wall and by the processors."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Clock:
    """Since when an experiment takes time, by the wall and by the processors."""

    wall_s: float = field(default_factory=time.monotonic)
    cpu_s: float = field(default_factory=time.process_time)

    @property
    def numbers(self) -> dict[str, float]:
        """What it took until now, as a record tells it."""
        wall_s, cpu_s = time.monotonic() - self.wall_s, time.process_time() - self.cpu_s
        return {"wall_s": round(wall_s, 1), "cpu_s": round(cpu_s, 1)}
