"""Pooling of the encoder's states of one window: statistics over time of each layer, and means over 0.3 s."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from model_build.networks.encoder import BLOCKS, FRONT_END, WIDTH

LAYERS = BLOCKS + 1
"""Layers that are pooled: the convolutions' output and each block's."""
STATISTICS = ("mean", "deviation", "loud mean", "loud deviation")
"""Statistics over all steps alike; and with weights that grow with a step's loudness: pauses count for little."""
LOUDNESS = 8.0
"""Slope of the logarithm of these weights over the input's loudest band: 10 dB more count 2.7 times."""
TINY = 1e-6
SPAN = 15
"""Steps in a mean: 0.3 s."""
SPANS = FRONT_END.rows // 2 // SPAN

Tensor = Any


def statistics(states: Sequence[Tensor], rows: Tensor) -> Tensor:
    """States (steps, WIDTH) of some layers, input rows (1, rows, bands) -> (layers, STATISTICS, WIDTH)."""
    import tensorflow as tf

    loud = tf.reshape(tf.reduce_max(rows, axis=2), (-1, 2))
    weights = tf.transpose(tf.nn.softmax(LOUDNESS * tf.reduce_mean(loud, axis=1, keepdims=True), axis=0))
    even = tf.fill(tf.shape(weights), 1.0 / weights.shape[1])
    both = tf.concat([even, weights], axis=0)
    pooled = []
    for layer in states:
        mean = tf.matmul(both, layer)
        square = tf.matmul(both, tf.square(layer))
        spread = tf.sqrt(tf.maximum(square - tf.square(mean), 0) + TINY)
        pooled.append(tf.stack([mean[0], spread[0], mean[1], spread[1]]))
    return tf.stack(pooled)


def spans(states: Sequence[Tensor]) -> Tensor:
    """States (steps, WIDTH) of some layers -> their means over each SPAN (SPANS, layers, WIDTH)."""
    import tensorflow as tf

    means = [tf.reduce_mean(tf.reshape(layer, (SPANS, SPAN, WIDTH)), axis=1) for layer in states]
    return tf.stack(means, axis=1)
