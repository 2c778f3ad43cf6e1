"""CPU time of one window: of each installed network by each interpreter, and of what most scripts do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tools.checkout import ROOT

USUAL = """
import json, os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras, librosa, numpy as np
samples, rate = librosa.load(sys.argv[1], sr=16000)
inputs = keras.Input((40, 94, 1))
x = keras.layers.MaxPooling2D()(keras.layers.Conv2D(32, 2, activation="relu")(inputs))
x = keras.layers.MaxPooling2D()(keras.layers.Conv2D(64, 3, activation="relu")(x))
x = keras.layers.Dense(128, activation="relu")(keras.layers.Flatten()(x))
network = keras.Model(inputs, keras.layers.Dense(8, activation="softmax")(x))
def once(end):
    window = samples[max(0, end - 48000):end]
    window = np.pad(window, (48000 - len(window), 0))
    mfcc = librosa.feature.mfcc(y=window, sr=16000, n_mfcc=40)
    network.predict(mfcc[np.newaxis, :, :, np.newaxis], verbose=0)
once(48000)
began, windows = time.process_time(), 0
for end in range(4000, min(len(samples), 10 * 16000), 4000):
    once(end)
    windows += 1
print(json.dumps((time.process_time() - began) * 1000 / (windows * 0.25)))
"""


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


def typical_script(path: Path) -> float | None:
    """CPU ms per second of audio of what most scripts do; its network is of the thesis' shape, untrained: only its
    cost counts here."""
    ran = subprocess.run([sys.executable, "-c", USUAL, str(path)], capture_output=True, text=True, check=False)
    return float(json.loads(ran.stdout)) if ran.returncode == 0 else None
