"""What serd hears in a recording: counted in the stream that `serd --input FILE --fast --headless` publishes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from serd.defaults import STRIDE_S


@dataclass(frozen=True)
class Count:
    """Frames of one recording as one model hears it."""

    model: str
    labels: dict[str, int]
    """Frames with each emotion, the most frequent first."""
    uncertain: int
    silent: int
    """Frames without speech."""

    @property
    def share(self) -> float:
        """Share of the frames with speech that carry an emotion."""
        carrying = sum(self.labels.values())
        return carrying / max(1, carrying + self.uncertain)

    def __str__(self) -> str:
        named = ", ".join(f"{label} {count}" for label, count in self.labels.items())
        spoken = sum(self.labels.values()) + self.uncertain
        return (
            f"{self.model}: {100 * self.share:.1f} % of {spoken} frames with speech carry an emotion "
            f"({len(self.labels)} labels: {named}); uncertain {self.uncertain}, no speech {self.silent}"
        )


def course(heard: list[dict[str, Any]]) -> str:
    """What was heard one after the other: the second at which it began, for how many it lasted."""
    rows, second = [], 0.0
    for said, run in groupby(heard, key=lambda frame: str(frame["label"] or frame["state"])):
        seconds = len(list(run)) * STRIDE_S
        rows.append(f"  {second:6.2f} s  {seconds:5.2f} s  {said}")
        second += seconds
    return "\n".join(rows)


def frames(recording: Path, model: str) -> list[dict[str, Any]]:
    """The data of all frames that serd publishes over the recording."""
    with tempfile.TemporaryDirectory() as folder:
        heard = subprocess.run(
            [
                *(sys.executable, "-m", "serd", "--input", str(recording), "--fast", "--headless"),
                *("--model", model, "--publish", f"ipc://{folder}/events"),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    events = [json.loads(line) for line in heard.stdout.splitlines()]
    return [event["data"] for event in events if event["type"].endswith("frame")]


def count(heard: list[dict[str, Any]], model: str) -> Count:
    """Count what a model has heard."""
    states = Counter(frame["state"] for frame in heard)
    labels = Counter(frame["label"] for frame in heard if frame["state"] == "emotion")
    return Count(model, dict(labels.most_common()), states["uncertain"], states["no-speech"])
