"""What a soak may show, and what it may not."""

from __future__ import annotations

from typing import Any

MOST_MB_A_DAY = {"stream": 1.0, "wall": 5.0}
"""Half an hour by the clock cannot tell less: that would be five pages."""
MOST_KB_A_MUTE = 5
"""ALSA keeps about half a kilobyte each time PortAudio lists the devices, which is once an unmute."""


def faults(figures: dict[str, dict[str, Any]]) -> list[str]:
    """What is not as it should be."""
    broken = []
    for name, part in figures.items():
        for key in ("events lost", "segments never closed", "exit code"):
            if part.get(key):
                broken.append(f"{name}: {key}: {part[key]}")
        for key in ("threads, least and most", "handles, least and most"):
            least, most = part[key]
            if most - least > (0 if name == "stream" else 3):  # a helper thread may be at work while one looks
                broken.append(f"{name}: {key}: {part[key]}")
        slope = part.get("memory, slope (MB per 24 h)")
        if slope is not None and slope > MOST_MB_A_DAY[name]:
            broken.append(f"{name}: memory rises by {slope} MB in 24 hours")
    if "mutes" in figures:
        rise = figures["mutes"]["memory at last (MB)"] - figures["mutes"]["memory at first (MB)"]
        if rise > MOST_KB_A_MUTE * figures["mutes"]["mute cycles"] / 1000:
            broken.append(f"mutes: memory rises by {rise:.1f} MB")
    return broken
