"""Quantization of a trained Keras network to full-integer int8 TFLite."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from model_build.files.silence import quiet
from serd.inference.contract import Quantization
from serd.inference.frontend import Rows
from serd.inference.interpreter import make_interpreter


@dataclass(frozen=True)
class Quantized:
    """A TFLite network without its contract, and the quantization of its edges."""

    network: bytes
    input: Quantization
    output: Quantization


def quantize(model: keras.Model, representative: Rows) -> Quantized:
    """Weights, activations, input and output to int8; ranges are those met on `representative` windows.

    `model` maps (rows, bands, 1) to logits; `representative` is (n, rows, bands). Only TFLite's built-in
    int8 operations are used: a network that needs others raises ValueError.
    """
    import tensorflow as tf

    # A fixed batch of one: no shape arithmetic is left in the graph, and XNNPACK takes the whole of it.
    single = keras.Input(model.input_shape[1:], batch_size=1)
    fixed = keras.models.clone_model(model, input_tensors=single)
    fixed.set_weights(model.get_weights())
    converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([window[None, :, :, None]] for window in representative)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    with quiet():
        try:
            network: bytes = converter.convert()
        except Exception as error:  # the converter has no errors of its own
            raise ValueError(f"network {model.name} cannot be quantized: {str(error).splitlines()[0]}") from error
    interpreter = make_interpreter(network)
    (source,), (sink,) = interpreter.get_input_details(), interpreter.get_output_details()
    return Quantized(network, *(_edge(*detail["quantization"]) for detail in (source, sink)))


def _edge(scale: float, zero_point: int) -> Quantization:
    return Quantization(float(scale), int(zero_point))
