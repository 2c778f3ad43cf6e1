"""Where in a clean recording somebody speaks, by energy. For clean clips only: noise is loud, too."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import CORPORA, Utterance, inventory
from model_build.files import audio
from serd.block import Samples

RANGE_DB = 35.0
"""Speech lies at most this far below the clip's loud level ..."""
LOUD = 0.95
"""... which this quantile of the frames' levels tells: clicks do not, and silence is most of some clips."""
LEAST_DB = -70.0
"""No speech below this level (dB of full scale), however quiet the clip is."""
GAP_S = 0.2
"""Shorter silences between two words are speech."""


def activity(samples: Samples, sample_rate: int, step: int) -> NDArray[np.bool_]:
    """Speech or not, for each `step` samples: (n,) -> (ceil(n / step),)."""
    count = -(-len(samples) // step)
    padded = np.zeros(count * step, np.float32)
    padded[: len(samples)] = samples
    power = np.square(padded.reshape(count, step), dtype=np.float64).mean(axis=1)
    levels = 10 * np.log10(np.maximum(power, 1e-14))
    if not count:
        return np.zeros(0, np.bool_)
    spoken: NDArray[np.bool_] = levels >= max(np.quantile(levels, LOUD) - RANGE_DB, LEAST_DB)
    return bridge(spoken, round(GAP_S * sample_rate / step))


def bridge(spoken: NDArray[np.bool_], longest: int) -> NDArray[np.bool_]:
    """Fill silences of fewer than `longest` frames that have speech on both sides."""
    filled = spoken.copy()
    frames = np.flatnonzero(spoken)
    for before, after in pairwise(frames):
        if after - before - 1 < longest:
            filled[before:after] = True
    return filled


RATE = 16000
STRIDE = 4000
"""Samples between two decisions."""
RECENT = 8000
"""The detector's question: is there speech in the last RECENT samples before the stride's end?"""
PRESENT_S, ABSENT_S = 0.2, 0.05
"""With so much speech among them the answer is yes; with so little it is no; between lies a soft target."""

FOLDS = (1, 2, 3, 4, 5)


STEP = 160
"""Samples for which one value says whether there is speech."""


def recordings(data: Path, corpus: str) -> tuple[Utterance, ...]:
    """All recordings of one corpus in a fixed order. Raises UsageError."""
    return inventory(CORPORA[corpus], data).utterances


def load(utterance: Utterance) -> Samples:
    """A recording's samples, mono, at 16 kHz. Raises SoundFault."""
    return audio.read(utterance.path, RATE)[0]


def active(samples: Samples) -> NDArray[np.bool_]:
    """Where a clean clip speaks: (n,) bool.

    `activity`, without what hardly rises above the clip's own noise floor: in recordings from a real room
    the pauses lie less than its 35 dB below the voice, and the detector must learn that they are pauses.
    Silences under 0.3 s belong to the speech, sounds under 60 ms do not.
    """
    count = -(-len(samples) // STEP)
    if not count:
        return np.zeros(0, bool)
    power = np.square(np.pad(samples, (0, count * STEP - len(samples))), dtype=np.float64)
    db = 10 * np.log10(power.reshape(count, STEP).mean(axis=1) + 1e-12)
    loud, floor = np.percentile(db, 95), np.percentile(db, 5)
    spoken = bridge(activity(samples, RATE, STEP) & (db > min(floor + 12, loud - 15)), 30)
    for start, end in runs(spoken):
        spoken[start:end] = end - start >= 6
    return np.repeat(spoken, STEP)[: len(samples)]


def runs(on: NDArray[np.bool_]) -> NDArray[np.intp]:
    """First index and the one after the last of each run of True: (runs, 2)."""
    edges: NDArray[np.intp] = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(np.int8), [0]])))
    return edges.reshape(-1, 2)


def level(samples: Samples, mask: NDArray[np.bool_]) -> float:
    """RMS of the speech in a clip."""
    chosen = samples[mask] if mask.any() else samples
    return float(np.sqrt(np.mean(np.square(chosen, dtype=np.float64)))) + 1e-9


def recent_speech(mask: NDArray[np.bool_], strides: int) -> NDArray[np.float32]:
    """Seconds of speech within RECENT samples before the end of each stride."""
    total = np.concatenate([[0], np.cumsum(mask)])
    ends = np.minimum(np.arange(1, strides + 1) * STRIDE, len(mask))
    seconds: NDArray[np.float32] = ((total[ends] - total[np.maximum(ends - RECENT, 0)]) / RATE).astype(np.float32)
    return seconds
