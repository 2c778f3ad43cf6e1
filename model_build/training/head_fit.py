"""How heads are trained: AdamW along a cosine over the kept states of random views, in numpy.

Every window is told from the labels that its corpus has; activation is told beside, where the emotion has one. No
epoch is chosen: the last one's weights are the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.experiments.head_schedule import HeadSchedule
from model_build.files.progress import Check, never
from model_build.networks.head import OUTPUTS, Head
from model_build.training.head_inputs import HeadInputs
from serd.inference.frontend import Rows
from serd.inference.model import sigmoid, softmax

APART = np.float32(1e4)
"""Taken off the logits of labels that a window's corpus does not have."""


def train(inputs: HeadInputs, layers: tuple[int, ...], schedule: HeadSchedule, seed: int, check: Check = never) -> Head:
    """A head that has learned from these inputs; `check` may raise at any epoch."""
    mean, spread = moments(inputs)

    def see(_: np.random.Generator, chosen: NDArray[np.intp]) -> Rows:
        seen: Rows = (inputs.features[chosen].astype(np.float32) - mean) / spread
        return seen

    return Head(layers, mean, spread, **fit(inputs, see, len(mean), schedule=schedule, seed=seed, check=check))


def fit(
    inputs: HeadInputs,
    see: Callable[[np.random.Generator, NDArray[np.intp]], Rows],
    size: int,
    *,
    schedule: HeadSchedule,
    seed: int,
    check: Check = never,
) -> dict[str, Rows]:
    """The weights of a head that has learned from what it sees (n, size) of the windows drawn (n,)."""
    rng, steps = np.random.default_rng(seed), schedule.draws // schedule.batch
    weights: dict[str, Any] = {
        "hidden": (rng.standard_normal((size, schedule.units)) / np.sqrt(size)).astype(np.float32),
        "hidden_bias": np.zeros(schedule.units, np.float32),
        "out": np.zeros((schedule.units, OUTPUTS), np.float32),
        "past": np.zeros((size, OUTPUTS), np.float32),
        "bias": np.zeros(OUTPUTS, np.float32),
    }
    optimizer = AdamW(weights, schedule, steps * schedule.epochs)
    chances = inputs.weight
    for _ in range(schedule.epochs):
        check()
        order = rng.choice(len(chances), steps * schedule.batch, p=chances)
        for chosen in order.reshape(steps, schedule.batch):
            x = see(rng, chosen)
            optimizer.step(_gradients(rng, weights, x, inputs=inputs, chosen=chosen, schedule=schedule))
    return optimizer.averaged


def moments(inputs: HeadInputs) -> tuple[Rows, Rows]:
    """Mean and deviation of each feature, windows weighed as they are heard."""
    weight, size = inputs.weight.astype(np.float32), inputs.features.shape[1]
    total, square = np.zeros(size, np.float64), np.zeros(size, np.float64)
    for k in range(0, len(weight), 2048):
        part = inputs.features[k : k + 2048].astype(np.float32)
        total += weight[k : k + 2048] @ part
        square += weight[k : k + 2048] @ np.square(part)
    spread = np.sqrt(np.maximum(square - np.square(total), 0)) + 1e-3
    return total.astype(np.float32), spread.astype(np.float32)


def _gradients(
    rng: np.random.Generator,
    weights: dict[str, Rows],
    x: Rows,
    *,
    inputs: HeadInputs,
    chosen: NDArray[np.intp],
    schedule: HeadSchedule,
) -> dict[str, Rows]:
    """Gradients of the mean loss of one batch in the weights."""
    keep = np.float32(1 - schedule.dropout)
    x *= (rng.random(x.shape, np.float32) < keep) / keep
    raw = x @ weights["hidden"] + weights["hidden_bias"]
    alive = (raw > 0) * ((rng.random(raw.shape, np.float32) < keep) / keep)
    units = raw * alive
    outputs = units @ weights["out"] + x @ weights["past"] + weights["bias"]
    error = _errors(outputs, inputs, chosen, schedule)
    back = (error @ weights["out"].T) * alive
    return {
        "hidden": x.T @ back,
        "hidden_bias": back.sum(axis=0),
        "out": units.T @ error,
        "past": x.T @ error,
        "bias": error.sum(axis=0),
    }


def _errors(outputs: Rows, inputs: HeadInputs, chosen: NDArray[np.intp], schedule: HeadSchedule) -> Rows:
    """Gradients of the mean loss in the outputs (n, OUTPUTS)."""
    labels = OUTPUTS - 1
    known, label, active = inputs.known[chosen], inputs.label[chosen], inputs.active[chosen]
    labelled = (label >= 0)[:, None] & known
    wanted = (1 - schedule.smoothing) * np.eye(labels)[np.maximum(label, 0)]
    wanted = wanted + schedule.smoothing * known / np.maximum(known.sum(axis=1, keepdims=True), 1)
    probabilities = softmax(outputs[:, :labels] - APART * ~known)
    odds = sigmoid(outputs[:, labels]) - (schedule.smoothing / 2 + (1 - schedule.smoothing) * np.maximum(active, 0))
    error = np.concatenate(
        [(probabilities - wanted) * labelled, (schedule.activation * odds * (active >= 0))[:, None]], axis=1
    )
    gradients: Rows = (error / len(chosen)).astype(np.float32)
    return gradients


class AdamW:
    """Decoupled weight decay of matrices; keeps the weights' exponential mean."""

    def __init__(self, weights: dict[str, Rows], schedule: HeadSchedule, steps: int) -> None:
        self._weights, self._schedule, self._steps, self._done = weights, schedule, steps, 0
        self._first = {name: np.zeros_like(array) for name, array in weights.items()}
        self._second = {name: np.zeros_like(array) for name, array in weights.items()}
        self.averaged = {name: array.copy() for name, array in weights.items()}

    def step(self, gradients: dict[str, Rows]) -> None:
        """Change the weights in place."""
        self._done += 1
        warm = max(1, self._steps // 20)
        along = max(0.0, (self._done - warm) / max(1, self._steps - warm))
        rate = self._schedule.rate * min(1.0, self._done / warm) * 0.5 * (1 + np.cos(np.pi * along))
        share = max(1 - self._schedule.average, 9 / (10 + self._done))  # at first, the mean is of few
        for name, array in self._weights.items():
            first, second = self._first[name], self._second[name]
            first += np.float32(0.1) * (gradients[name] - first)
            second += np.float32(0.001) * (np.square(gradients[name]) - second)
            change = first / np.float32(1 - 0.9**self._done)
            change /= np.sqrt(second / np.float32(1 - 0.999**self._done)) + np.float32(1e-8)
            if array.ndim > 1:
                change += np.float32(self._schedule.decay) * array
            np.subtract(array, np.float32(rate) * change, out=array)
            self.averaged[name] += np.float32(share) * (array - self.averaged[name])
