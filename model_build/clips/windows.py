"""Windows out of clips: where the daemon would ask the network, and random ones to train on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.clips.features import Clip, stride
from serd.inference.frontend import FrontEnd, Rows

SPEECH_S = 0.5
"""Speech that a window must hold, as the rule `speech_min_s` has it."""
HOLD_S = 0.75
"""How long after the last speech the daemon still asks: the rule `speech_hold_s`, and what its detector adds."""
ONSET_S = 0.8
"""Training windows end this long after the speech's onset, or later."""


def cut_window(clip: Clip, end: int, front_end: FrontEnd) -> Rows:
    """The window before row `end`, scaled and padded as the daemon does: (rows, bands) in [0, 1]."""
    return front_end.scale(clip.rows[max(0, end - front_end.rows) : end])


def asked_ends(clip: Clip, front_end: FrontEnd) -> NDArray[np.intp]:
    """Ends (in rows) of the windows at the daemon's stride in which there is speech enough.

    A clip with hardly any speech has one: its best.
    """
    step = stride(front_end) // front_end.row_hop
    ends = np.arange(step, len(clip.rows) + 1, step)
    spoken = _counts(clip, ends, front_end.rows)
    recent = _counts(clip, ends, rows_of(HOLD_S, front_end))
    chosen = ends[(spoken >= rows_of(SPEECH_S, front_end)) & (recent > 0)]
    return chosen if len(chosen) else ends[[int(spoken.argmax())]]


def draw_end(rng: Generator, clip: Clip, front_end: FrontEnd) -> int:
    """A random window's end, in rows: any alignment to the speech, and often before the speech is over."""
    spoken = np.flatnonzero(clip.spoken)
    if not len(spoken):
        return len(clip.rows)
    latest = min(len(clip.rows), int(spoken[-1]) + 1 + rows_of(HOLD_S, front_end))
    earliest = min(latest, int(spoken[0]) + rows_of(ONSET_S, front_end))
    return int(rng.integers(earliest, latest + 1))


def rows_of(duration: float, front_end: FrontEnd) -> int:
    """A duration in rows."""
    return round(duration * front_end.stft.sample_rate / front_end.row_hop)


@dataclass(frozen=True, eq=False)
class Windows:
    """The windows of many clips, in the clips' order and within each in time's."""

    inputs: Rows
    """(n, rows, bands) in [0, 1]."""
    clip: NDArray[np.intp]
    """Which clip each was cut from (n,)."""
    heard_s: NDArray[np.float64]
    """Speech in each, in seconds (n,)."""


def asked_windows(clips: Sequence[Clip], front_end: FrontEnd) -> Windows:
    """Every window the daemon would ask the network about."""
    ends = [asked_ends(clip, front_end) for clip in clips]
    inputs = [
        cut_window(clip, int(end), front_end) for clip, clip_ends in zip(clips, ends, strict=True) for end in clip_ends
    ]
    which = np.repeat(np.arange(len(clips)), [len(clip_ends) for clip_ends in ends])
    shape = (len(inputs), front_end.rows, front_end.columns)
    row_s = front_end.row_hop / front_end.stft.sample_rate
    heard = [row_s * _counts(clip, clip_ends, front_end.rows) for clip, clip_ends in zip(clips, ends, strict=True)]
    stacked = np.stack(inputs) if inputs else np.zeros(shape, np.float32)
    return Windows(stacked, which, np.concatenate(heard) if heard else np.zeros(0))


def draw_windows(rng: Generator, clips: Sequence[Clip], front_end: FrontEnd) -> Rows:
    """One random window of each clip: (n, rows, bands)."""
    return np.stack([cut_window(clip, draw_end(rng, clip, front_end), front_end) for clip in clips])


def _counts(clip: Clip, ends: NDArray[np.intp], length: int) -> NDArray[np.intp]:
    """Rows with speech among the last `length` before each end."""
    total = np.concatenate([[0], np.cumsum(clip.spoken)])
    counts: NDArray[np.intp] = total[ends] - total[np.maximum(0, ends - length)]
    return counts
