"""TensorFlow functions of one window as TFLite files, weights in int8 and activations in float (dynamic range)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from model_build.files.silence import quiet
from serd.inference.frontend import FrontEnd


def convert(function: Callable[..., Any], front_end: FrontEnd, *widths: int, integers: bool = True) -> bytes:
    """A function of a window (1, rows, bands, 1), and of a row (1, width) of each of these widths, as a TFLite file;
    weights in int8 or, without `integers`, as they are."""
    import tensorflow as tf

    shapes = [(1, front_end.rows, front_end.bands.count, 1), *((1, width) for width in widths)]
    traced = tf.function(function).get_concrete_function(*(tf.TensorSpec(shape, tf.float32) for shape in shapes))
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced])
    if integers:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with quiet():
        network: bytes = converter.convert()
    return network
