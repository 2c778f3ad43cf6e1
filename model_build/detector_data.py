"""What training and measuring the speech detector share: recordings, who tests, where a clip speaks, windows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build import audio
from model_build.activity import activity, bridge
from model_build.corpora import CORPORA, Utterance, inventory
from serd.block import Samples
from serd.inference.frontend import Bands, FrontEnd, Rows, Stft

RATE = 16000
STRIDE = 4000
"""Samples between two decisions."""
RECENT = 8000
"""The detector's question: is there speech in the last RECENT samples before the stride's end?"""
PRESENT_S, ABSENT_S = 0.2, 0.05
"""With so much speech among them the answer is yes; with so little it is no; between lies a soft target."""

FRONT_END = FrontEnd(Stft(RATE, 512, 250), Bands("mel", 40, 60, 7600, pool=2), rows=64, top_db=70, quiet_db=-70)

FOLDS = (1, 2, 3, 4, 5)
TEST_FOLD = 5
"""The fold of ESC-10 that never shapes the shipped file."""
TEST_SPEAKERS = {
    "ravdess": ("02", "05", "14", "15", "16"),
    "nemo": ("MK0", "TP0"),
    "librispeech": ("2414", "3080", "3331"),
}
INNER_SPEAKERS = {"ravdess": ("03", "06", "07", "13", "18"), "nemo": ("EB0", "KS0"), "librispeech": ("1688", "533")}
"""Held out of the inner run, which chooses thresholds; part of training otherwise."""
INNER_FOLD = 4


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


def windows(front_end: FrontEnd, log_rows: Rows) -> NDArray[np.uint8]:
    """The network's inputs at the end of each stride, as a stream gives them: (strides, rows, bands), 255 is 1."""
    step = STRIDE // front_end.row_hop
    count = len(log_rows) // step
    scaled = [front_end.scale(log_rows[max(0, k * step - front_end.rows) : k * step]) for k in range(1, count + 1)]
    stacked: NDArray[np.uint8] = np.round(np.stack(scaled) * 255).astype(np.uint8)
    return stacked


def recent_speech(mask: NDArray[np.bool_], strides: int) -> NDArray[np.float32]:
    """Seconds of speech within RECENT samples before the end of each stride."""
    total = np.concatenate([[0], np.cumsum(mask)])
    ends = np.minimum(np.arange(1, strides + 1) * STRIDE, len(mask))
    seconds: NDArray[np.float32] = ((total[ends] - total[np.maximum(ends - RECENT, 0)]) / RATE).astype(np.float32)
    return seconds


def target(seconds: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the network should say: probability of speech."""
    wanted: NDArray[np.float32] = np.clip((seconds - ABSENT_S) / (PRESENT_S - ABSENT_S), 0, 1).astype(np.float32)
    return wanted
