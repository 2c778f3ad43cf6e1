"""What training and measuring the speech detector share: recordings, who tests, where a clip speaks, windows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_build.clips.speech import ABSENT_S, PRESENT_S, RATE, STRIDE
from serd.inference.frontend import Bands, FrontEnd, Rows, Stft

FRONT_END = FrontEnd(Stft(RATE, 512, 250), Bands("mel", 40, 60, 7600, pool=2), rows=64, top_db=70, quiet_db=-70)
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


def windows(front_end: FrontEnd, log_rows: Rows) -> NDArray[np.uint8]:
    """The network's inputs at the end of each stride, as a stream gives them: (strides, rows, bands), 255 is 1."""
    step = STRIDE // front_end.row_hop
    count = len(log_rows) // step
    scaled = [front_end.scale(log_rows[max(0, k * step - front_end.rows) : k * step]) for k in range(1, count + 1)]
    stacked: NDArray[np.uint8] = np.round(np.stack(scaled) * 255).astype(np.uint8)
    return stacked


def target(seconds: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the network should say: probability of speech."""
    wanted: NDArray[np.float32] = np.clip((seconds - ABSENT_S) / (PRESENT_S - ABSENT_S), 0, 1).astype(np.float32)
    return wanted
