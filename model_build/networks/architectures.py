"""The networks, in Keras 3 with Keras' own layers only. All map (rows, bands, 1) in [0, 1] to logits.

The softmax is not part of them: it belongs to the loss in training, and to numpy at run time, since an
int8 softmax has steps of 1/256.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

Network = Callable[..., keras.Model]
"""(rows, bands, labels) -> an untrained network; keywords of its own make the study's variants."""
POOLED = "pooled"
"""How the names of layers begin that tell a whole window in one vector."""


def cnn(rows: int, bands: int, labels: int, width: int = 32, dropout: bool = True) -> keras.Model:
    """The thesis' network (arXiv 2406.10741): two convolutions, pooling, dropout, one dense layer.

    `width` scales all layers alike, `dropout=False` is the thesis' first experiment.
    """
    spectrogram = keras.Input((rows, bands, 1))
    x = layers.Conv2D(width, (2, 2), activation="relu")(spectrogram)
    x = layers.MaxPooling2D((2, 2))(x)
    x = layers.Dropout(0.25)(x) if dropout else x
    x = layers.Conv2D(2 * width, (3, 3), activation="relu")(x)
    x = layers.MaxPooling2D((2, 2))(x)
    x = layers.Dropout(0.25)(x) if dropout else x
    x = layers.Flatten()(x)
    x = layers.Dense(4 * width, activation="relu")(x)
    x = layers.Dropout(0.5)(x) if dropout else x
    return keras.Model(spectrogram, layers.Dense(labels)(x), name="cnn")


def dnn(rows: int, bands: int, labels: int, width: int = 384) -> keras.Model:
    """Dense layers alone. The thesis does not state its own; these have about as many weights as `cnn`."""
    spectrogram = keras.Input((rows, bands, 1))
    x = layers.Flatten()(spectrogram)
    for units in (width, width // 2):
        x = layers.Dense(units, activation="relu")(x)
        x = layers.Dropout(0.5)(x)
    return keras.Model(spectrogram, layers.Dense(labels)(x), name="dnn")


def lstm(rows: int, bands: int, labels: int, width: int = 128) -> keras.Model:
    """Row after row through one LSTM, whose last state decides. The thesis does not state its own layers."""
    spectrogram = keras.Input((rows, bands, 1))
    x = layers.Reshape((rows, bands))(spectrogram)
    x = layers.LSTM(width)(x)
    x = layers.Dropout(0.5)(x)
    x = layers.Dense(width // 2, activation="relu")(x)
    return keras.Model(spectrogram, layers.Dense(labels)(x), name="lstm")


def cnn_attention(rows: int, bands: int, labels: int) -> keras.Model:
    """The thesis' convolutions, then attention over time in the place of its flattening (Lin et al. 2017).

    A score for each step of time tells how much it counts in the mean that decides.
    """
    spectrogram = keras.Input((rows, bands, 1))
    steps = _steps(spectrogram)
    scores = layers.Dense(1)(layers.Dense(64, activation="tanh")(steps))
    weights = layers.Softmax(axis=1)(scores)
    x = layers.Flatten()(layers.Dot(axes=1)([weights, steps]))
    x = layers.Dropout(0.5)(x)
    return keras.Model(spectrogram, layers.Dense(labels)(x), name="cnn-attention")


def cnn_lstm(rows: int, bands: int, labels: int) -> keras.Model:
    """The thesis' convolutions, then an LSTM over time in the place of its flattening."""
    spectrogram = keras.Input((rows, bands, 1))
    x = layers.LSTM(128)(_steps(spectrogram))
    x = layers.Dropout(0.5)(x)
    return keras.Model(spectrogram, layers.Dense(labels)(x), name="cnn-lstm")


def serd_small(
    rows: int, bands: int, labels: int, width: int = 12, towers: int = 3, *, dropout: float = 0.3
) -> keras.Model:
    """serd's own: the mean of a few small residual networks' logits, which learn apart from each other
    (Hansen & Salamon 1990)."""
    spectrogram = keras.Input((rows, bands, 1))
    tower_logits = [_tower(spectrogram, labels, width, dropout, f"{POOLED}_{k}") for k in range(towers)]
    logits = layers.Average()(tower_logits) if towers > 1 else tower_logits[0]
    return keras.Model(spectrogram, logits, name="serd-small")


def serd_tiny(rows: int, bands: int, labels: int, width: int = 8) -> keras.Model:
    """One narrow tower, for the smallest boards."""
    whole = serd_small(rows, bands, labels, width, 1, dropout=0.1)
    return keras.Model(whole.input, whole.output, name="serd-tiny")


def towers(model: keras.Model) -> list[keras.Model]:
    """The networks whose mean a model is, with the very same layers; the model alone if it is none."""
    last = model.layers[-1]
    return [keras.Model(model.input, logits) for logits in last.input] if isinstance(last, layers.Average) else [model]


def pooling_model(model: keras.Model) -> keras.Model | None:
    """The model up to what all its towers pool (n, numbers); None for one that pools nothing."""
    pooled = [layer.output for layer in model.layers if layer.name.startswith(POOLED)]
    if not pooled:
        return None
    return keras.Model(model.input, layers.Concatenate()(pooled) if len(pooled) > 1 else pooled[0])


def _tower(spectrogram: Any, labels: int, width: int, dropout: float, pooled: str) -> Any:
    """A residual network (He et al. 2016), then attention and maximum over time, to logits.

    Frequency is folded into the channels by one depthwise layer, so that pitch stays where it is; the pooling is after
    Lin et al. (2017). What is pooled is scaled down, and the last layer begins at zero: what maxima of untrained
    channels would say first takes epochs to unlearn.
    """
    x = _normal(layers.Conv2D(width, 3, strides=2, padding="same", use_bias=False)(spectrogram))
    for wider, strides in ((2, 2), (4, 2), (6, (1, 2))):
        x = _residual(x, wider * width, strides)
    steps, left = x.shape[1:3]
    x = _normal(layers.DepthwiseConv2D((1, left), use_bias=False)(x))
    x = layers.Reshape((steps, 6 * width))(x)
    weights = layers.Softmax(axis=1)(layers.Dense(1)(x))
    mean = layers.Flatten()(layers.Dot(axes=1)([weights, x]))
    x = layers.Concatenate()([mean, layers.GlobalMaxPooling1D()(x)])
    x = layers.Dropout(dropout)(layers.Rescaling(0.1, name=pooled)(x))
    return layers.Dense(labels, kernel_initializer="zeros")(x)


def _normal(x: Any) -> Any:
    return layers.ReLU()(layers.BatchNormalization(momentum=0.95)(x))


def _residual(x: Any, channels: int, strides: int | tuple[int, int]) -> Any:
    """Two convolutions, and past them the input through one that brings it to the same shape."""
    y = _normal(layers.Conv2D(channels, 3, strides=strides, padding="same", use_bias=False)(x))
    y = layers.BatchNormalization(momentum=0.95)(layers.Conv2D(channels, 3, padding="same", use_bias=False)(y))
    past = layers.Conv2D(channels, 1, strides=strides, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.Add()([y, layers.BatchNormalization(momentum=0.95)(past)]))


def _steps(spectrogram: Any) -> Any:
    """The thesis' convolutions, each step of time brought to 128 numbers: (steps, 128)."""
    x = layers.Conv2D(32, (2, 2), activation="relu")(spectrogram)
    x = layers.MaxPooling2D((2, 2))(x)
    x = layers.Dropout(0.25)(x)
    x = layers.Conv2D(64, (3, 3), activation="relu")(x)
    x = layers.MaxPooling2D((2, 2))(x)
    x = layers.Dropout(0.25)(x)
    _, steps, bands, channels = x.shape
    x = layers.Reshape((steps, bands * channels))(x)
    return layers.Dense(128, activation="relu")(x)


NETWORKS: dict[str, Network] = {
    "cnn": cnn,
    "dnn": dnn,
    "lstm": lstm,
    "cnn-attention": cnn_attention,
    "cnn-lstm": cnn_lstm,
    "serd-small": serd_small,
    "serd-tiny": serd_tiny,
}


def parameters(model: keras.Model) -> int:
    """Numbers that training sets, and the statistics of normalisations."""
    return int(model.count_params())


def macs(model: keras.Model) -> int:
    """Multiplications with a weight for one window, and those of attention's mean; pooling and activations are not."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, layers.DepthwiseConv2D):
            height, width = layer.kernel_size
            total += height * width * _count(layer.output.shape[1:])
        elif isinstance(layer, layers.Conv2D | layers.Conv1D):
            total += _count(layer.kernel.shape[:-1]) * _count(layer.output.shape[1:])
        elif isinstance(layer, layers.Dense):
            total += int(layer.kernel.shape[0]) * _count(layer.output.shape[1:])
        elif isinstance(layer, layers.LSTM):
            steps, width = layer.input.shape[1:]
            total += steps * 4 * layer.units * (width + layer.units)
        elif isinstance(layer, layers.Dot):
            weights, _ = layer.input
            total += int(weights.shape[1]) * _count(layer.output.shape[1:])
    return total


def _count(shape: Any) -> int:
    product = 1
    for size in shape:
        product *= int(size)
    return product
