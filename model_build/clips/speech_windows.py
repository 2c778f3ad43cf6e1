"""Windows with speech: those that `serd.score` asks the emotion network about, found by the real speech detector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serd.block import Block, Samples
from serd.inference.decision import Rules, SpeechGate
from serd.inference.frontend import FrontEnd, Rows
from serd.inference.model import Model
from serd.inference.stride import Cutter

STRIDE = 4000
"""Samples of a stride, 0.25 s: whole rows of the encoder (25) and of the speech detector (8)."""
FULL = 0.8
"""Share of the fullest window's speech that a window holds at least to be among few."""
DETECTOR_STRIDES = 16
"""Strides that hold more than the speech detector's window."""


@dataclass(frozen=True, eq=False)
class SpeechWindows:
    """Windows of one clip that hold speech enough."""

    inputs: Rows
    """(n, rows, bands) in [0, 1]."""
    end: NDArray[np.intp]
    """Index of the stride that each window ends with (n,)."""
    heard_s: NDArray[np.float64]
    """Seconds of speech in each window (n,)."""
    strides: int
    """Strides of the whole clip."""


def speech_windows(
    samples: Samples, speech: Model, front_end: FrontEnd, rules: Rules, most: int | None = None
) -> SpeechWindows:
    """The windows with speech enough, as the pipeline finds them with this speech detector.

    With `most`, so many at most, evenly from those that hold at least FULL of the speech that the fullest holds: the
    rules of the pipeline count the others for little (`evidence`).
    """
    detector = speech.contract.front_end
    rate, stft = detector.stft.sample_rate, detector.stft
    gate = SpeechGate(rules, STRIDE / rate, front_end.rows * front_end.row_hop / rate)
    cutter = Cutter(STRIDE, max(stft.overlap, front_end.stft.overlap))
    strides = [*cutter.push(Block(samples, 0, False, 0.0)), *cutter.finish()]
    rows, detector_rows = list[Rows](), list[Rows]()
    spoken = speech.contract.labels.index("speech")
    chosen: list[tuple[int, float]] = []
    for k, stride in enumerate(strides):
        rows.append(front_end.log_rows(stride.samples[: STRIDE + front_end.stft.overlap]))
        detector_rows.append(detector.log_rows(stride.samples[: STRIDE + stft.overlap]))
        window = detector.scale(np.concatenate(detector_rows[-DETECTOR_STRIDES:]))
        probability = float(speech.probabilities(window[np.newaxis])[0, spoken])
        if gate.step(probability) and gate.heard_enough:
            chosen.append((k, gate.heard_s))
    if most is not None and len(chosen) > most:
        fullest = max(heard_s for _, heard_s in chosen)
        chosen = [(k, heard_s) for k, heard_s in chosen if heard_s >= FULL * fullest]
        chosen = [chosen[k] for k in np.unique(np.linspace(0, len(chosen) - 1, most).round().astype(int))]
    whole = np.concatenate(rows) if rows else np.zeros((0, front_end.bands.count), np.float32)
    step = STRIDE // front_end.row_hop
    inputs = [front_end.scale(whole[max(0, (k + 1) * step - front_end.rows) : (k + 1) * step]) for k, _ in chosen]
    shape = (0, front_end.rows, front_end.bands.count)
    return SpeechWindows(
        np.stack(inputs) if inputs else np.zeros(shape, np.float32),
        np.array([k for k, _ in chosen], np.intp),
        np.array([heard_s for _, heard_s in chosen], np.float64),
        len(strides),
    )
