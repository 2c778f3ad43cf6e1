"""TensorFlow functions of one window as TFLite files, weights in int8 and activations in float (dynamic range)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from model_build.files.silence import quiet
from serd.inference.frontend import FrontEnd


def convert(function: Callable[[Any], Any], front_end: FrontEnd, *, integers: bool = True) -> bytes:
    """A function of (1, rows, bands, 1) as a TFLite file; weights in int8 or, without `integers`, as they are."""
    import tensorflow as tf

    window = tf.TensorSpec((1, front_end.rows, front_end.bands.count, 1), tf.float32)
    traced = tf.function(function).get_concrete_function(window)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced])
    if integers:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with quiet():
        network: bytes = converter.convert()
    return network
