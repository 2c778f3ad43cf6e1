"""The teacher's network: EfficientAT's MobileNetV3 at width 0.4, in Keras' own layers.

Layers bear the names of PyTorch's modules, so `weights.py` finds each one's arrays. Time comes first here and
frequency second, as in all our networks; with PyTorch it is the other way round.
(Howard et al. 2019, arXiv 1905.02244; Schmid, Koutini, Widmer 2023, fschmid56/EfficientAT, MIT.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from model_build.teacher.frontend import BANDS

SOUNDS = 527
"""AudioSet's labels."""
EMBEDDING = 384
HIDDEN = 512
HEAD = "labels"
"""Name of the layer that stands in for AudioSet's labels."""


@dataclass(frozen=True)
class Block:
    """An inverted residual: widen, convolve each channel apart, weigh the channels, narrow."""

    kernel: int
    wide: int
    out: int
    squeeze: int
    """Width of squeeze-excite; 0 if there is none."""
    activation: str
    stride: int = 1


BLOCKS = (
    Block(3, 8, 8, 0, "relu"),
    Block(3, 24, 16, 0, "relu", 2),
    Block(3, 32, 16, 0, "relu"),
    Block(5, 32, 16, 8, "relu", 2),
    Block(5, 48, 16, 16, "relu"),
    Block(5, 48, 16, 16, "relu"),
    Block(3, 96, 32, 0, "hard_swish", 2),
    Block(3, 80, 32, 0, "hard_swish"),
    Block(3, 72, 32, 0, "hard_swish"),
    Block(3, 72, 32, 0, "hard_swish"),
    Block(3, 192, 48, 48, "hard_swish"),
    Block(3, 272, 48, 72, "hard_swish"),
    Block(5, 272, 64, 72, "hard_swish", 2),
    Block(5, 384, 64, 96, "hard_swish"),
    Block(5, 384, 64, 96, "hard_swish"),
)


def network(labels: int | None = None, *, hidden: bool = True, frames: int | None = None) -> keras.Model:
    """(frames, 128, 1) as `frontend.mel` makes them -> logits; any number of frames unless `frames` says it.

    With `labels`, the layer of AudioSet's 527 gives way to an untrained one; without `hidden` the layer of 512
    before it goes too, and the new one stands on the embedding of 384.
    """
    spectrogram = keras.Input((frames, BANDS, 1))
    x = _convolved(spectrogram, "features.0", 8, 3, "hard_swish", stride=2)
    for number, block in enumerate(BLOCKS, 1):
        x = _residual(x, f"features.{number}.block", block)
    x = _convolved(x, f"features.{len(BLOCKS) + 1}", EMBEDDING, 1, "hard_swish")
    x = layers.GlobalAveragePooling2D(name="embedding")(x)
    if hidden:
        x = layers.Dense(HIDDEN, "hard_swish", name="classifier.2")(x)
    x = layers.Dropout(0.2)(x)
    last = layers.Dense(SOUNDS, name="classifier.5") if labels is None else layers.Dense(labels, name=HEAD)
    return keras.Model(spectrogram, last(x), name="mn04_as")


def embedder(model: keras.Model) -> keras.Model:
    """The same network up to its embedding (n, 384)."""
    return keras.Model(model.input, model.get_layer("embedding").output)


def _residual(x: Any, name: str, block: Block) -> Any:
    before, stage = x, 0
    if block.wide != x.shape[-1]:
        x, stage = _convolved(x, f"{name}.{stage}", block.wide, 1, block.activation), stage + 1
    x = _convolved(x, f"{name}.{stage}", 0, block.kernel, block.activation, stride=block.stride)
    if block.squeeze:
        stage += 1
        x = _weighed(x, f"{name}.{stage}.conc_se_layers.0", block.squeeze)
    x = _convolved(x, f"{name}.{stage + 1}", block.out, 1, None)
    return layers.Add()([x, before]) if block.stride == 1 and before.shape[-1] == block.out else x


def _convolved(x: Any, name: str, out: int, kernel: int, activation: str | None, *, stride: int = 1) -> Any:
    """Convolution, of each channel apart if `out` is 0, then normalisation and activation."""
    padding = "same"
    if stride > 1:  # PyTorch pads either side alike; "same" would not
        x, padding = layers.ZeroPadding2D(kernel // 2)(x), "valid"
    how: dict[str, Any] = {"strides": stride, "padding": padding, "use_bias": False, "name": f"{name}.0"}
    x = layers.Conv2D(out, kernel, **how)(x) if out else layers.DepthwiseConv2D(kernel, **how)(x)
    x = layers.BatchNormalization(epsilon=1e-3, momentum=0.99, name=f"{name}.1")(x)
    return layers.Activation(activation)(x) if activation else x


def _weighed(x: Any, name: str, squeeze: int) -> Any:
    """Squeeze-excite (Hu et al. 2018): each channel times a weight that follows from the means of all."""
    channels = x.shape[-1]
    weights = layers.GlobalAveragePooling2D()(x)
    weights = layers.Dense(squeeze, "relu", name=f"{name}.fc1")(weights)
    weights = layers.Dense(channels, "sigmoid", name=f"{name}.fc2")(weights)
    return layers.Multiply()([x, layers.Reshape((1, 1, channels))(weights)])
