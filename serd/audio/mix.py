"""The mix: many channels become one, and what cancels in their mean is heard from one of them instead.

Two channels of opposed polarity have no mean, a delayed one combs it, and noise on one drowns the other. So the
channels are compared on fixed spans of the stream, whatever the blocks, and what a span shows holds from the next one
on: nothing is delayed, and the same stream gives the same bits. Where the channels agree their mean is the mix.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from serd.block import Samples, SingleChannel

SPAN_S = 0.05
FADE_S = 0.01
"""One choice goes over into another in so long, at the beginning of a span."""
JUDGED = 40
"""Spans that the agreement is taken from: the last that were not pauses."""
REMEMBERED = 100
"""Spans, pauses too, in which a channel's floor is looked for."""

APART, TOGETHER = 0.2, 0.5
"""Below the one agreement, one channel is heard alone; above the other, all are again."""
SILENCE = 1e-6
"""Mean square (-60 dB) below which nothing is judged."""
PAUSE = 1e-2
"""Share of the strongest span, whose memory fades by `FORGET` a span, below which nothing is judged either."""
FORGET = 0.9995
FAINT = 0.06
"""Channels that could change the mix by less than this share of the power are let be: one 30 dB below the other."""
CLEARER = 4.0
"""How much (6 dB) clearer a channel must be to be preferred to a louder one, or to the one that is heard."""
OPPOSED = -0.5
"""Below this the mix is far below its channels, whatever they hold."""
ALIKE, LESS_ALIKE = 0.8, 0.5
"""Correlation of two channels' powers from which on they hold the same sound; and below which they no longer do."""
STEADY, LESS_STEADY = 2.0, 4.0
"""A channel that stands out of its own floor by less is noise; by more, it is no longer."""
NOISE = 10.0
"""How much clearer than that another must be."""
LEAST = 10
"""Spans that powers are compared over."""

Powers = NDArray[np.float64]


class Mixer:
    """Frames (n, channels) in, mono out. `channel`: 1-based, or "mix", which is what this is about."""

    def __init__(self, channels: int, rate: int, channel: Literal["mix"] | int = "mix") -> None:
        self._alone = 0 if channel == "mix" else channel - 1
        self._mixes = channel == "mix" and channels > 1
        self._span = np.zeros((max(1, round(rate * SPAN_S)), channels if self._mixes else 0), np.float32)
        self._filled, self._fade = 0, max(1.0, rate * FADE_S)
        self._now: int | None = None
        self._before: int | None = None
        """Channel that is heard alone in this span, and in the one before it; None: the mean of all."""
        self._judged: deque[Powers] = deque(maxlen=JUDGED)
        self._spans: deque[Powers] = deque(maxlen=REMEMBERED)
        self._strongest = 0.0

    def push(self, frames: NDArray[Any]) -> tuple[Samples, tuple[tuple[int, SingleChannel | None], ...]]:
        """The mono samples (n,), float32, and the changes of what is heard: the sample from which each holds."""
        if not self._mixes:
            return np.ascontiguousarray(frames[:, self._alone], np.float32), ()
        pieces: list[Samples] = []
        changes: list[tuple[int, SingleChannel | None]] = []
        done = 0
        while done < len(frames):
            piece = frames[done : done + len(self._span) - self._filled]
            pieces.append(self._mixed(piece))
            self._span[self._filled : self._filled + len(piece)] = piece
            self._filled += len(piece)
            done += len(piece)
            if self._filled == len(self._span):
                self._filled, self._before = 0, self._now
                agreement = self._judge()
                if self._now != self._before:
                    heard = None if self._now is None else SingleChannel(self._now + 1, round(agreement, 2))
                    changes.append((done, heard))
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32), tuple(changes)

    def _mixed(self, frames: NDArray[Any]) -> Samples:
        """Mix a piece of a span; one that begins with a change fades over to it."""
        new = _one(frames, self._now)
        if self._now == self._before:
            return new
        old = _one(frames, self._before)
        reached = (np.arange(self._filled, self._filled + len(frames)) + 1) / self._fade
        faded: Samples = old + (new - old) * np.minimum(reached, 1).astype(np.float32)
        return faded

    def _judge(self) -> float:
        """Decide what the next span is heard from; the agreement of the channels, -1 to 1."""
        powers = _powers(self._span)
        self._spans.append(powers[:-1])
        loudest = float(powers[:-1].max())
        self._strongest = max(self._strongest * FORGET, loudest)
        if loudest >= max(SILENCE, PAUSE * self._strongest):
            self._judged.append(powers)
        agreement = _agreement(self._judged)
        clear = _clearness(self._spans)
        apart = self._now is not None  # a channel that has fallen silent is no reason to go back to the mix
        if agreement is not None:
            apart = _apart(agreement, self._judged, clear, self._now)
        if not apart:
            self._now = None
        elif self._now is None or clear[self._now] * CLEARER < clear.max():
            mean = np.mean(self._spans, axis=0)
            self._now = int(np.argmax(np.where(clear * CLEARER >= clear.max(), mean, -1.0)))
        return 1.0 if agreement is None else agreement


def _one(frames: NDArray[Any], channel: int | None) -> Samples:
    mean = frames.mean(axis=1) if channel is None else frames[:, channel]
    return mean.astype(np.float32, copy=False)


def _powers(span: Samples) -> Powers:
    """Mean squares about the mean: of each channel, and of their mix."""
    exact = span.astype(np.float64)
    exact -= exact.mean(axis=0)
    return np.append(np.square(exact).mean(axis=0), np.square(exact.mean(axis=1)).mean())


def _agreement(judged: deque[Powers]) -> float | None:
    """The channels' correlation, the strong ones counting more; None where there is nothing to compare."""
    powers = np.sum(judged, axis=0) if judged else np.zeros(3)
    channels, mix = powers[:-1], powers[-1]
    most = np.sqrt(channels).sum() ** 2 - channels.sum()
    return float((len(channels) ** 2 * mix - channels.sum()) / most) if most > FAINT * channels.sum() else None


def _clearness(spans: deque[Powers]) -> Powers:
    """How far each channel stands out of its own floor, which speech does and noise does not."""
    powers = np.array(spans)
    mean = powers.mean(axis=0)
    cleared: Powers = mean / (powers.min(axis=0) + 1e-5 * mean.max() + 1e-30)
    return cleared


def _apart(agreement: float, judged: deque[Powers], clear: Powers, now: int | None) -> bool:
    """Whether the mix harms. Two people, each on a channel of his own, do not agree either, but it holds both."""
    held = now is not None
    if agreement > (TOGETHER if held else APART):
        return False
    channels = np.array(judged)[:, :-1]
    heard = channels.sum(axis=0) > (FAINT / 2) ** 2 * channels.sum(axis=0).max()
    if agreement < OPPOSED or (now is not None and not heard[now]):  # what is heard is silent for a while
        return True
    if len(channels) < LEAST:
        return held
    noise = clear[heard].min()
    if noise < (LESS_STEADY if held else STEADY) and clear[heard].max() > NOISE * noise:
        return True
    return _likeness(channels[:, heard]) > (LESS_ALIKE if held else ALIKE)


def _likeness(channels: Powers) -> float:
    """The best correlation over time of the loudest channel's power with another's, -1 to 1."""
    apart = channels - channels.mean(axis=0)
    norm = np.sqrt(np.square(apart).sum(axis=0)) + 1e-30
    matrix = (apart.T @ apart) / np.outer(norm, norm)
    loudest = int(channels.sum(axis=0).argmax())
    return float(np.delete(matrix[loudest], loudest).max(initial=-1.0))
