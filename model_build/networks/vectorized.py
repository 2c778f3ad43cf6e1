"""Many networks of one shape at once: what a graphics processor needs to be busy with networks as small as these.

`apply` follows the graph of a Keras model, with every weight and every value stacked along a first axis, one entry a
network. A convolution is a product of patches with its kernel: for kernels that differ along the batch, compilers have
nothing better. The mathematics, and so what is learned, is Keras' own; a test holds the two side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers

Array = Any
"""An array of jax."""
Stack = dict[str, list[Array]]
"""Arrays (models, ...) by the place of their layer in the graph."""


class Weights(NamedTuple):
    """Weights and running statistics of networks of one shape."""

    learned: Stack
    statistics: Stack
    """Mean and variance of what passes each normalisation."""


def stack_weights(models: Sequence[keras.Model]) -> Weights:
    """The weights of models of one shape, side by side."""
    weights = Weights({}, {})
    for place, alike in enumerate(zip(*(model.layers for model in models), strict=True)):
        arrays = [jnp.asarray(np.stack(each)) for each in zip(*(layer.get_weights() for layer in alike), strict=True)]
        normal = isinstance(alike[0], layers.BatchNormalization)
        weights.learned[str(place)] = arrays[:2] if normal else arrays
        weights.statistics[str(place)] = arrays[2:] if normal else []
    return weights


def set_weights(weights: Weights, models: Sequence[keras.Model]) -> None:
    """Set the models' weights from a stack: the inverse of `stacked`."""
    for place, alike in enumerate(zip(*(model.layers for model in models), strict=True)):
        arrays = [np.asarray(array) for array in (*weights.learned[str(place)], *weights.statistics[str(place)])]
        for k, layer in enumerate(alike):
            layer.set_weights([array[k] for array in arrays])


def apply(model: keras.Model, weights: Weights, inputs: Array, keys: Array | None = None) -> tuple[Array, Stack]:
    """Logits (models, n, labels) for inputs (models, n, rows, bands, 1), and the statistics with this batch's share.

    With random `keys` (models,) as in training: normalised by the batch, with dropout. Raises TypeError for a layer
    that is not known.
    """
    values: dict[int, Array] = {}
    statistics = dict(weights.statistics)
    for place, layer in enumerate(model.layers):
        if isinstance(layer, layers.InputLayer):
            values[id(layer.output)] = inputs
            continue
        inputs = [values[id(tensor)] for tensor in (layer.input if isinstance(layer.input, list) else [layer.input])]
        arrays = weights.learned[str(place)]
        if isinstance(layer, layers.BatchNormalization):
            x, before = inputs[0], weights.statistics[str(place)]
            seen = _moments(x) if keys is not None else before
            share = layer.momentum if keys is not None else 1.0
            statistics[str(place)] = [share * a + (1 - share) * b for a, b in zip(before, seen, strict=True)]
            scale = arrays[0] / jnp.sqrt(seen[1] + layer.epsilon)
            output = (x - _spread(seen[0], x)) * _spread(scale, x) + _spread(arrays[1], x)
        elif isinstance(layer, layers.Dropout):
            output = inputs[0] if keys is None else _dropped(keys, place, inputs[0], layer.rate)
        else:
            output = _operation(layer)(layer, arrays, *inputs)
        values[id(layer.output)] = output
    return values[id(model.output)], statistics


def _moments(x: Array) -> list[Array]:
    axes = tuple(range(1, x.ndim - 1))
    return [x.mean(axes), x.var(axes)]


def _spread(channels: Array, x: Array) -> Array:
    """(models, channels) -> (models, 1, ..., channels), as many axes as x has."""
    return channels.reshape(channels.shape[0], *(1,) * (x.ndim - 2), channels.shape[-1])


def _dropped(keys: Array, place: int, x: Array, rate: float) -> Array:
    drawn = jax.vmap(lambda key: jax.random.uniform(jax.random.fold_in(key, place), x.shape[1:]))(keys)
    return jnp.where(drawn < rate, 0, x / (1 - rate))


def _patches(x: Array, size: Sequence[int], strides: Sequence[int], padding: str) -> Array:
    """(models, n, h, w, c) -> (models, n, h', w', kernel's places, c), padded as TensorFlow does."""
    pads, out = [], []
    for length, k, step in zip(x.shape[2:4], size, strides, strict=True):
        count = -(-length // step) if padding == "same" else (length - k) // step + 1
        missing = max(0, (count - 1) * step + k - length)
        pads.append((missing // 2, missing - missing // 2))
        out.append(count)
    x = jnp.pad(x, ((0, 0), (0, 0), *pads, (0, 0)))
    spans = [(step * (count - 1) + 1, step) for count, step in zip(out, strides, strict=True)]
    (rows, down), (columns, across) = spans
    return jnp.stack(
        [x[:, :, i : i + rows : down, j : j + columns : across] for i in range(size[0]) for j in range(size[1])], axis=4
    )


def _conv(layer: Any, arrays: list[Array], x: Array) -> Array:
    patches = _patches(x, layer.kernel_size, layer.strides, layer.padding)
    kernel = arrays[0].reshape(arrays[0].shape[0], -1, arrays[0].shape[-1])
    return _biased(layer, jnp.einsum("mbhwk,mkd->mbhwd", patches.reshape(*patches.shape[:4], -1), kernel), arrays)


def _depthwise(layer: Any, arrays: list[Array], x: Array) -> Array:
    patches = _patches(x, layer.kernel_size, layer.strides, layer.padding)
    kernel = arrays[0].reshape(arrays[0].shape[0], -1, arrays[0].shape[-2])
    return _biased(layer, jnp.einsum("mbhwkc,mkc->mbhwc", patches, kernel), arrays)


def _dense(layer: Any, arrays: list[Array], x: Array) -> Array:
    return _biased(layer, jnp.einsum("mb...c,mcd->mb...d", x, arrays[0]), arrays)


def _biased(layer: Any, x: Array, arrays: list[Array]) -> Array:
    x = x + _spread(arrays[1], x) if len(arrays) > 1 else x
    return jax.nn.relu(x) if layer.activation is keras.activations.relu else x


def _flat(layer: Any, _: list[Array], x: Array) -> Array:
    return x.reshape(*x.shape[:2], *layer.output.shape[1:])


OPERATIONS: dict[type, Callable[..., Array]] = {
    layers.Conv2D: _conv,
    layers.DepthwiseConv2D: _depthwise,
    layers.Dense: _dense,
    layers.Flatten: _flat,
    layers.Reshape: _flat,
    layers.ReLU: lambda _, __, x: jax.nn.relu(x),
    layers.Softmax: lambda layer, _, x: jax.nn.softmax(x, layer.axis + 1),
    layers.Rescaling: lambda layer, _, x: x * layer.scale + layer.offset,
    layers.GlobalMaxPooling1D: lambda _, __, x: x.max(axis=2),
    layers.Dot: lambda _, __, a, b: jnp.einsum("mbta,mbtc->mbac", a, b),
    layers.Add: lambda _, __, *inputs: sum(inputs),
    layers.Average: lambda _, __, *inputs: sum(inputs) / len(inputs),
    layers.Concatenate: lambda _, __, *inputs: jnp.concatenate(inputs, axis=-1),
}
"""What the layers of the default models do, given the layer, its weights and its inputs."""


def _operation(layer: Any) -> Callable[..., Array]:
    try:
        return OPERATIONS[type(layer)]
    except KeyError:
        raise TypeError(f"{layer.name}: a {type(layer).__name__} cannot be trained beside others") from None
