"""The windows of a clip that `serd.score` asks the emotion network about, behind the real speech detector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_build.base.encoder import FRONT_END
from serd.block import Block, Samples
from serd.inference.decision import Rules, SpeechGate
from serd.inference.frontend import Rows
from serd.inference.model import Model
from serd.inference.stride import Cutter

STRIDE = 4000
"""Samples: whole rows of the encoder (25) and of the speech detector (8), 0.25 s."""
FULL = 0.8
DEEP = 16
"""Strides that hold more than the speech detector's window."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Windows of one clip."""

    inputs: Rows
    """(n, rows, bands) in [0, 1]."""
    end: NDArray[np.intp]
    """Which stride each window ends with (n,)."""
    heard_s: NDArray[np.float64]
    """Speech that each holds (n,)."""
    strides: int
    """Of the whole clip."""


def asked(samples: Samples, speech: Model, rules: Rules, most: int | None = None) -> Asked:
    """The windows with speech enough, as the pipeline finds them.

    With `most`, so many at most, evenly from those that hold at least FULL of the speech that the fullest holds: the
    rules of the pipeline count the others for little (`evidence`).
    """
    stft = speech.contract.front_end.stft
    gate = SpeechGate(rules, STRIDE / stft.sample_rate, FRONT_END.rows * FRONT_END.row_hop / stft.sample_rate)
    cutter = Cutter(STRIDE, max(stft.overlap, FRONT_END.stft.overlap))
    strides = [*cutter.push(Block(samples, 0, False, 0.0)), *cutter.finish()]
    rows, detector = list[Rows](), list[Rows]()
    spoken = speech.contract.labels.index("speech")
    chosen: list[tuple[int, float]] = []
    for k, stride in enumerate(strides):
        rows.append(FRONT_END.log_rows(stride.samples[: STRIDE + FRONT_END.stft.overlap]))
        detector.append(speech.contract.front_end.log_rows(stride.samples[: STRIDE + stft.overlap]))
        window = speech.contract.front_end.scale(np.concatenate(detector[-DEEP:]))
        probability = float(speech.probabilities(window[np.newaxis])[0, spoken])
        if gate.step(probability) and gate.heard_enough:
            chosen.append((k, gate.heard_s))
    if most is not None and len(chosen) > most:
        fullest = max(heard_s for _, heard_s in chosen)
        chosen = [(k, heard_s) for k, heard_s in chosen if heard_s >= FULL * fullest]
        chosen = [chosen[k] for k in np.unique(np.linspace(0, len(chosen) - 1, most).round().astype(int))]
    whole = np.concatenate(rows) if rows else np.zeros((0, FRONT_END.bands.count), np.float32)
    step = STRIDE // FRONT_END.row_hop
    inputs = [FRONT_END.scale(whole[max(0, (k + 1) * step - FRONT_END.rows) : (k + 1) * step]) for k, _ in chosen]
    shape = (0, FRONT_END.rows, FRONT_END.bands.count)
    return Asked(
        np.stack(inputs) if inputs else np.zeros(shape, np.float32),
        np.array([k for k, _ in chosen], np.intp),
        np.array([heard_s for _, heard_s in chosen], np.float64),
        len(strides),
    )
