"""The head over the frozen encoder: one hidden layer and a linear path past it, in numpy and as a TFLite graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.corpora.ravdess import LABELS
from model_build.networks.pooling import statistics
from serd.inference.frontend import Rows

ACTIVE = ("angry", "happy", "fearful", "surprised")
"""Emotions of high activation."""
CALMER = ("neutral", "calm", "sad", "bored")
"""Emotions of low activation; disgust is either."""
OUTPUTS = len(LABELS) + 1
"""Numbers that a head gives: a logit of each label, then the log-odds of high activation."""

Weights = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Head:
    """The weights of a head; its features are mean and deviation over time of some layers' states."""

    layers: tuple[int, ...]
    """Layers whose statistics are the features: 0 is the convolutions' output, 1 the first block's."""
    mean: Weights
    """Mean of each feature over the training windows (features,)."""
    spread: Weights
    """Deviation of each feature over the training windows (features,): they are standardised first."""
    hidden: Weights
    """(features, units)."""
    hidden_bias: Weights
    out: Weights
    """(units, OUTPUTS)."""
    past: Weights
    """(features, OUTPUTS)."""
    bias: Weights

    @property
    def parameters(self) -> int:
        """Numbers in the weights that training set by steps; the standardisation is not counted."""
        return sum(weights.size for weights in (self.hidden, self.hidden_bias, self.out, self.past, self.bias))

    @property
    def macs(self) -> int:
        """Multiplications for one window, without the few of the output."""
        return self.hidden.size + self.past.size

    def answers(self, features: NDArray[Any]) -> Rows:
        """(n, features) -> (n, OUTPUTS)."""
        x: Rows = (features.astype(np.float32) - self.mean) / self.spread
        units = np.maximum(x @ self.hidden + self.hidden_bias, 0)
        answers: Rows = units @ self.out + x @ self.past + self.bias
        return answers

    def columns(self, chosen: Sequence[int]) -> Head:
        """The head with some of its outputs alone, in this order."""
        columns = list(chosen)
        return replace(self, out=self.out[:, columns], past=self.past[:, columns], bias=self.bias[columns])

    def graph(self, pooled: Any) -> Any:
        """`answers` as TensorFlow operations: (1, features) -> (1, OUTPUTS)."""
        import tensorflow as tf

        x = (pooled - self.mean) * (1 / self.spread)
        units = tf.nn.relu(tf.matmul(x, tf.constant(self.hidden)) + self.hidden_bias)
        return tf.matmul(units, tf.constant(self.out)) + tf.matmul(x, tf.constant(self.past)) + self.bias


def pooled(states: Sequence[Any], layers: Sequence[int], rows: Any) -> Any:
    """`features` as TensorFlow operations: the encoder's states after each layer, its input -> (1, features)."""
    import tensorflow as tf

    return tf.reshape(statistics([states[layer] for layer in layers], rows)[:, :2], (1, -1))


def features(kept: NDArray[np.float16], layers: tuple[int, ...]) -> NDArray[np.float16]:
    """Features of a head over these layers (n, features), from kept statistics (n, layers, statistics, width)."""
    width = len(layers) * 2 * kept.shape[-1]
    return np.ascontiguousarray(kept[:, list(layers), :2]).reshape(len(kept), width)
