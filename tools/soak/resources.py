"""What a process holds, looked at again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
import psutil


class ResourceUse:
    """What a process held at each look: memory, threads, descriptors."""

    def __init__(self, pid: int | None = None) -> None:
        self._process = psutil.Process(pid)
        self.at: list[float] = []
        self.megabytes: list[float] = []
        self.threads: list[int] = []
        self.handles: list[int] = []

    def take(self, hour: float) -> None:
        """Look, at this hour."""
        with self._process.oneshot():
            self.at.append(hour)
            self.megabytes.append(self._process.memory_info().rss / 1e6)
            self.threads.append(self._process.num_threads())
            self.handles.append(self._process.num_fds())

    def figures(self, since: float) -> dict[str, Any]:
        """Growth from the hour `since` on; the slope is that of least squares."""
        first = next((k for k, hour in enumerate(self.at) if hour >= since), 0)
        hours, held = np.array(self.at[first:]), np.array(self.megabytes[first:])
        slope = float(np.polyfit(hours, held, 1)[0]) * 24 if hours[-1] - hours[0] > 0.2 else None
        return {
            "memory at first (MB)": round(self.megabytes[first], 2),
            "memory at last (MB)": round(self.megabytes[-1], 2),
            "memory, slope (MB per 24 h)": None if slope is None else round(slope, 3),
            "threads, least and most": [min(self.threads[first:]), max(self.threads[first:])],
            "handles, least and most": [min(self.handles[first:]), max(self.handles[first:])],
        }
