"""The head over the frozen encoder: one hidden layer and a linear path past it, in numpy and as a TFLite graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.base.pooling import statistics
from model_build.corpora.ravdess import LABELS
from serd.inference.frontend import Rows

ACTIVE = ("angry", "happy", "fearful", "surprised")
"""Emotions of high activation ..."""
CALMER = ("neutral", "calm", "sad", "bored")
"""... and of low; disgust is either."""
OUTPUTS = len(LABELS) + 1
"""A logit of each label, then the log-odds of high activation."""

Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Head:
    """Weights; what it hears are the mean and the deviation over time of some layers' states, (n, numbers)."""

    layers: tuple[int, ...]
    """Which: 0 is the convolutions' output, 1 the first block's."""
    mean: Weights
    spread: Weights
    """Of each number over the training windows: they are standardised first (numbers,)."""
    hidden: Weights
    """(numbers, units)."""
    hidden_bias: Weights
    out: Weights
    """(units, OUTPUTS)."""
    past: Weights
    """(numbers, OUTPUTS)."""
    bias: Weights

    def standard(self, numbers: NDArray[Any]) -> Rows:
        """Standardised (n, numbers)."""
        standard: Rows = (numbers.astype(np.float32) - self.mean) / self.spread
        return standard

    def answers(self, numbers: NDArray[Any]) -> Rows:
        """(n, numbers) -> (n, OUTPUTS)."""
        x = self.standard(numbers)
        units = np.maximum(x @ self.hidden + self.hidden_bias, 0)
        answers: Rows = units @ self.out + x @ self.past + self.bias
        return answers

    def graph(self, states: Any, rows: Any) -> Any:
        """The same as TensorFlow operations: the encoder's states after each layer, its input -> (1, OUTPUTS)."""
        import tensorflow as tf

        found = statistics([states[layer] for layer in self.layers], rows)[:, :2]
        x = (tf.reshape(found, (1, -1)) - self.mean) * (1 / self.spread)
        units = tf.nn.relu(tf.matmul(x, tf.constant(self.hidden)) + self.hidden_bias)
        return tf.matmul(units, tf.constant(self.out)) + tf.matmul(x, tf.constant(self.past)) + self.bias


def numbers(kept: NDArray[np.float16], layers: tuple[int, ...]) -> NDArray[np.float16]:
    """What a head over these layers hears, of statistics that are kept (n, layers, statistics, width)."""
    width = len(layers) * 2 * kept.shape[-1]
    return np.ascontiguousarray(kept[:, list(layers), :2]).reshape(len(kept), width)
