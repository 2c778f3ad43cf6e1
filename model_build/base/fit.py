"""How heads are trained: AdamW along a cosine over the kept states of random views, in numpy.

Every window is told from the labels that its corpus has; activation is told beside, where the emotion has one. No
epoch is chosen: the last one's weights are the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.base.head import OUTPUTS, Head
from serd.inference.frontend import Rows
from serd.inference.model import sigmoid, softmax

APART = np.float32(1e4)
"""Taken off the logits of labels that a window's corpus does not have."""


@dataclass(frozen=True)
class Schedule:
    """The numbers of a training."""

    epochs: int = 16
    draws: int = 6400
    """Windows in an epoch."""
    batch: int = 128
    rate: float = 1e-3
    """AdamW's (Loshchilov & Hutter 2019) after a twentieth of the steps; then it falls to 0 along a cosine."""
    decay: float = 3.0
    units: int = 128
    dropout: float = 0.5
    """Of the numbers that are heard, and of the hidden units (Srivastava et al. 2014)."""
    smoothing: float = 0.1
    activation: float = 0.5
    """How much the loss of activation counts beside that of the labels."""
    average: float = 0.99
    """Momentum of the weights' exponential mean over the steps, which is the result."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """Windows to learn from."""

    numbers: NDArray[np.float16]
    """(n, numbers), see `head.numbers`."""
    label: NDArray[np.intp]
    """(n,); -1: none of ours."""
    known: NDArray[np.bool_]
    """Labels that the window's corpus has (n, labels)."""
    active: NDArray[np.intp]
    """1: high activation, 0: low, -1: not known (n,)."""
    stratum: NDArray[np.intp]
    """Windows of one are drawn alike (n,)."""
    share: NDArray[np.float64]
    """How much of all that is heard is of each stratum (strata,)."""

    @property
    def weight(self) -> NDArray[np.float64]:
        """How often each window is heard, relative to all (n,)."""
        count = np.bincount(self.stratum, minlength=len(self.share))
        each: NDArray[np.float64] = (self.share / np.maximum(count, 1))[self.stratum]
        total: float = each.sum()
        return np.asarray(each / total, np.float64)


def train(
    lessons: Lessons, layers: tuple[int, ...], schedule: Schedule, seed: int, check: Callable[[], None] = lambda: None
) -> Head:
    """A head that has learned these lessons; `check` may raise at any epoch."""
    rng = np.random.default_rng(seed)
    mean, spread = moments(lessons)
    size, steps = len(mean), schedule.draws // schedule.batch
    weights: dict[str, Any] = {
        "hidden": (rng.standard_normal((size, schedule.units)) / np.sqrt(size)).astype(np.float32),
        "hidden_bias": np.zeros(schedule.units, np.float32),
        "out": np.zeros((schedule.units, OUTPUTS), np.float32),
        "past": np.zeros((size, OUTPUTS), np.float32),
        "bias": np.zeros(OUTPUTS, np.float32),
    }
    optimizer = AdamW(weights, schedule, steps * schedule.epochs)
    chances = lessons.weight
    for _ in range(schedule.epochs):
        check()
        order = rng.choice(len(chances), steps * schedule.batch, p=chances)
        for chosen in order.reshape(steps, schedule.batch):
            x = (lessons.numbers[chosen].astype(np.float32) - mean) / spread
            optimizer.step(_slopes(rng, weights, x, lessons=lessons, chosen=chosen, schedule=schedule))
    return Head(layers, mean, spread, **optimizer.averaged)


def moments(lessons: Lessons) -> tuple[Rows, Rows]:
    """Mean and deviation of each number, windows weighed as they are heard."""
    weight, size = lessons.weight.astype(np.float32), lessons.numbers.shape[1]
    total, square = np.zeros(size, np.float64), np.zeros(size, np.float64)
    for k in range(0, len(weight), 2048):
        part = lessons.numbers[k : k + 2048].astype(np.float32)
        total += weight[k : k + 2048] @ part
        square += weight[k : k + 2048] @ np.square(part)
    spread = np.sqrt(np.maximum(square - np.square(total), 0)) + 1e-3
    return total.astype(np.float32), spread.astype(np.float32)


def _slopes(
    rng: np.random.Generator,
    weights: dict[str, Rows],
    x: Rows,
    *,
    lessons: Lessons,
    chosen: NDArray[np.intp],
    schedule: Schedule,
) -> dict[str, Rows]:
    """Of the mean loss of one batch."""
    keep = np.float32(1 - schedule.dropout)
    x *= (rng.random(x.shape, np.float32) < keep) / keep
    raw = x @ weights["hidden"] + weights["hidden_bias"]
    alive = (raw > 0) * ((rng.random(raw.shape, np.float32) < keep) / keep)
    units = raw * alive
    said = units @ weights["out"] + x @ weights["past"] + weights["bias"]
    error = _errors(said, lessons, chosen, schedule)
    back = (error @ weights["out"].T) * alive
    return {
        "hidden": x.T @ back,
        "hidden_bias": back.sum(axis=0),
        "out": units.T @ error,
        "past": x.T @ error,
        "bias": error.sum(axis=0),
    }


def _errors(said: Rows, lessons: Lessons, chosen: NDArray[np.intp], schedule: Schedule) -> Rows:
    """Slopes of the mean loss in what is said (n, OUTPUTS)."""
    labels = OUTPUTS - 1
    known, label, active = lessons.known[chosen], lessons.label[chosen], lessons.active[chosen]
    told = (label >= 0)[:, None] & known
    wanted = (1 - schedule.smoothing) * np.eye(labels)[np.maximum(label, 0)]
    wanted = wanted + schedule.smoothing * known / np.maximum(known.sum(axis=1, keepdims=True), 1)
    given = softmax(said[:, :labels] - APART * ~known)
    odds = sigmoid(said[:, labels]) - (schedule.smoothing / 2 + (1 - schedule.smoothing) * np.maximum(active, 0))
    error = np.concatenate([(given - wanted) * told, (schedule.activation * odds * (active >= 0))[:, None]], axis=1)
    slopes: Rows = (error / len(chosen)).astype(np.float32)
    return slopes


class AdamW:
    """Decoupled weight decay of matrices; keeps the weights' exponential mean."""

    def __init__(self, weights: dict[str, Rows], schedule: Schedule, steps: int) -> None:
        self._weights, self._schedule, self._steps, self._done = weights, schedule, steps, 0
        self._first = {name: np.zeros_like(own) for name, own in weights.items()}
        self._second = {name: np.zeros_like(own) for name, own in weights.items()}
        self.averaged = {name: own.copy() for name, own in weights.items()}

    def step(self, slopes: dict[str, Rows]) -> None:
        """Change the weights in place."""
        self._done += 1
        warm = max(1, self._steps // 20)
        along = max(0.0, (self._done - warm) / max(1, self._steps - warm))
        rate = self._schedule.rate * min(1.0, self._done / warm) * 0.5 * (1 + np.cos(np.pi * along))
        share = max(1 - self._schedule.average, 9 / (10 + self._done))  # at first, the mean is of few
        for name, own in self._weights.items():
            first, second = self._first[name], self._second[name]
            first += np.float32(0.1) * (slopes[name] - first)
            second += np.float32(0.001) * (np.square(slopes[name]) - second)
            change = first / np.float32(1 - 0.9**self._done)
            change /= np.sqrt(second / np.float32(1 - 0.999**self._done)) + np.float32(1e-8)
            if own.ndim > 1:
                change += np.float32(self._schedule.decay) * own
            np.subtract(own, np.float32(rate) * change, out=own)
            self.averaged[name] += np.float32(share) * (own - self.averaged[name])
