"""Recordings faster than real time: `python -m tools.bench.score FILE MODEL RUNS` prints what scoring a file takes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from serd.scoring.batch import Batch
from tests.support.memory import peak_mb
from tools.bench.stages import read
from tools.checkout import ROOT, VOICES

RATE = 16000


def score(path: Path, model: str, runs: int) -> dict[str, Any]:
    """Of a process of its own with the model loaded: seconds of sound, CPU seconds it takes (quartiles), how many
    times real time a core hears, MB at the peak."""
    command = [sys.executable, "-m", "tools.bench.score", str(path), model, str(runs)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    if ran.returncode:
        raise RuntimeError(f"scoring {path} failed:\n{ran.stderr}")
    figures: dict[str, Any] = json.loads(ran.stdout)
    return figures


def recording(path: Path, seconds: float, of: Path = VOICES) -> None:
    """Write a FLAC file of this length: the recording `of`, over and over."""
    spoken, left = read(of), round(seconds * RATE)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16", format="FLAC") as file:
        while left > 0:
            file.write(spoken[:left])
            left -= len(spoken)


def main() -> None:
    """Be that process."""
    path, model, runs = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    batch = Batch(model)

    def hear(file: Path) -> float:
        began = time.process_time()
        batch.hear(file.name, file, lambda _table, _row: None)
        return time.process_time() - began

    hear(VOICES)
    spent = [hear(path) for _ in range(runs)]
    seconds = soundfile.info(path).duration
    quartiles = [float(value) for value in np.percentile(spent, (25, 50, 75))]
    print(json.dumps({"seconds": seconds, "cpu_s": quartiles, "times": seconds / quartiles[1], "memory": peak_mb()}))


if __name__ == "__main__":
    main()
