"""CPU time of one window: of each installed network by each interpreter, and of the running reference."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from functools import partial

import numpy as np
from numpy.typing import NDArray

from serd.inference.model import load
from serd.inference.running_reference import RunningReference
from tools.bench.route import cpu
from tools.checkout import ROOT

INVOKES = """
import json, statistics, time
import numpy as np
from serd.inference.contract import read_model
from serd.inference.model import installed_models, load, unusable
found = {}
for path in installed_models():
    contract = read_model(path)[1]
    if contract.task != "emotion" or unusable(path):
        continue
    model, front = load(path.stem), contract.front_end
    windows = np.random.default_rng(0).random((1, front.rows, front.bands.count), np.float32)
    took = []
    for k in range(60):
        began = time.process_time()
        model.probabilities(windows)
        took.append((time.process_time() - began) * 1000)
    found[path.stem] = statistics.median(took[10:])
print(json.dumps(found))
"""
RUNTIMES = {"ai-edge-litert": ".venv", "tflite-runtime": ".venv-tflite"}


def invokes(runtime: str) -> dict[str, float]:
    """CPU ms of one window by installed emotion model; a network takes as long for any window."""
    ran = subprocess.run(
        [str(ROOT / RUNTIMES[runtime] / "bin" / "python"), "-c", INVOKES],
        env={**os.environ, "SERD_RUNTIME": runtime, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return {f"one window, {name}, {runtime}": took for name, took in json.loads(ran.stdout).items()}


def reference(model: str) -> dict[str, float]:
    """CPU ms a window takes to enter the running reference, and the ratio to serd-small's network; of a model that
    knows no reference, nothing."""
    head = load(model).contract.reference
    if head is None:
        return {}
    small, running = load("serd-small"), RunningReference(13)
    front = small.contract.front_end
    window = np.random.default_rng(0).random((1, front.rows, front.bands.count), np.float32)
    said = np.random.default_rng(0).random((400, head.width), np.float32)

    def entered(statistics: NDArray[np.float32]) -> None:
        running.advance()
        running.hear(statistics, 0.25)

    took = statistics.median([cpu(partial(entered, row)) for row in said][40:])
    beside = statistics.median([cpu(lambda: small.probabilities(window)) for _ in said][40:])
    return {
        "the running reference, one window": took,
        "ratio, the running reference over serd-small's network": took / beside,
    }
