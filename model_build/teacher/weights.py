"""The teacher's weights: arrays under PyTorch's names and layouts, brought into the Keras network.

PyTorch has (out, in, frequency, time) where Keras has (time, frequency, in, out), and (out, in) where Keras has
(in, out). Every name and shape is checked, so a file of another width or version is refused.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from model_build.teacher.network import HEAD, network
from serd.errors import UsageError

Array = NDArray[np.float32]
COUNTER = ".num_batches_tracked"
"""PyTorch's count of training steps, one for each normalisation; nothing needs it."""
REMEDY = "this is not EfficientAT's mn04_as_mAP_432; fetch it anew"


def read(path: Path) -> dict[str, Array]:
    """All arrays of the teacher's .npz by PyTorch's names, checked. Raises UsageError."""
    try:
        with zipfile.ZipFile(path):  # numpy would read a lone array too
            pass
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
    except FileNotFoundError:
        raise UsageError(f"{path}: missing; see the README of the teacher for where it is published") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path}: cannot be read as arrays ({error}); fetch it anew") from None
    _check(path, arrays)
    return {name: array.astype(np.float32) for name, array in arrays.items() if not name.endswith(COUNTER)}


def load(model: keras.Model, arrays: Mapping[str, Array]) -> None:
    """Set every weight that the teacher has; a layer in the place of AudioSet's labels keeps its own."""
    for layer in model.layers:
        if layer.weights and layer.name != HEAD:
            layer.set_weights([_turned(layer, arrays[f"{layer.name}.{part}"]) for part in _parts(layer)])


@cache
def expected() -> dict[str, tuple[int, ...]]:
    """Shapes of the teacher's arrays, in PyTorch's layouts."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in network().layers:
        for part, weight in zip(_parts(layer), layer.weights, strict=True):
            shapes[f"{layer.name}.{part}"] = _torch_shape(layer, weight.shape)
    return shapes


def _check(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    shapes = expected()
    counters = {f"{name.removesuffix('.running_var')}{COUNTER}" for name in shapes if name.endswith(".running_var")}
    for name, shape in shapes.items():
        if name not in arrays:
            raise UsageError(f"{path}: array {name} is missing; {REMEDY}")
        found = arrays[name]
        if found.shape != shape:
            raise UsageError(f"{path}: array {name} has the shape {found.shape} where {shape} is due; {REMEDY}")
        if found.dtype.kind != "f" or not np.isfinite(found).all():
            raise UsageError(f"{path}: array {name} holds what is not a finite number; {REMEDY}")
    for name in arrays:
        if name not in shapes and name not in counters:
            raise UsageError(f"{path}: array {name} is superfluous; {REMEDY}")


def _parts(layer: keras.Layer) -> tuple[str, ...]:
    """Names of a layer's arrays with PyTorch, in the order in which Keras has them."""
    match layer:
        case layers.BatchNormalization():
            return "weight", "bias", "running_mean", "running_var"
        case layers.Conv2D() | layers.DepthwiseConv2D():
            return ("weight",)
        case layers.Dense():
            return "weight", "bias"
    return ()


def _torch_shape(layer: keras.Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
    match layer:
        case layers.DepthwiseConv2D():
            time, frequency, channels, _ = shape
            return channels, 1, frequency, time
        case layers.Conv2D() | layers.Dense():
            return tuple(reversed(shape))
    return tuple(shape)


def _turned(layer: keras.Layer, array: Array) -> Array:
    """From PyTorch's layout to Keras'."""
    match layer:
        case layers.DepthwiseConv2D():
            return array.transpose(3, 2, 0, 1)
        case layers.Conv2D() | layers.Dense():
            return array.transpose()
    return array
