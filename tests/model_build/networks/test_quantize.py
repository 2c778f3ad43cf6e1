"""Quantization of a really trained network."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from model_build.evaluation.offline import KerasScorer
from model_build.networks.architectures import cnn
from model_build.networks.quantize import Quantized, quantize
from serd.inference.contract import FORMAT, Contract
from serd.inference.frontend import Bands, FrontEnd, Stft
from serd.inference.interpreter import make_interpreter
from serd.inference.scorer import TFLiteScorer

FRONT_END = FrontEnd(Stft(16000, 64, 32), Bands("linear", 16, 0, 8000), rows=24, top_db=60, quiet_db=-70)


def patterns(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Windows with a bright stripe in one of four places, in noise, and which place."""
    rng = np.random.default_rng(seed)
    places = rng.integers(0, 4, count)
    windows = rng.uniform(0, 0.7, (count, 24, 16)).astype(np.float32)
    for window, place in zip(windows, places, strict=True):
        window[:, 4 * place + 1] += 0.3
    return windows, places


@pytest.fixture(scope="module")
def trained() -> keras.Model:
    keras.utils.set_random_seed(0)
    model = cnn(24, 16, 4)
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    windows, places = patterns(400, 0)
    model.fit(windows[..., np.newaxis], places, epochs=15, verbose=0)
    return model


@pytest.fixture(scope="module")
def quantized(trained: keras.Model) -> Quantized:
    return quantize(trained, patterns(100, 1)[0])


@pytest.fixture(scope="module")
def scorer(quantized: Quantized) -> TFLiteScorer:
    contract = Contract(
        format=FORMAT,
        name="stripes",
        version="1",
        task="emotion",
        front_end=FRONT_END,
        labels=tuple("abcd"),
        input=quantized.input,
        output=quantized.output,
        temperature=1.0,
        thresholds={},
        trained_on={},
        licence="none",
    )
    return TFLiteScorer(quantized.network, contract)


def test_int8_answers_as_float_does(trained: keras.Model, scorer: TFLiteScorer) -> None:
    windows, places = patterns(200, 2)
    floating, integer = KerasScorer(trained).logits(windows), scorer.logits(windows)
    assert (floating.argmax(axis=1) == places).mean() > 0.95  # it has learned
    assert (floating.argmax(axis=1) == integer.argmax(axis=1)).mean() > 0.98
    assert np.abs(floating - integer).mean() < 0.05 * floating.std()


def test_everything_is_integer_and_the_batch_is_one(quantized: Quantized) -> None:
    interpreter = make_interpreter(quantized.network)
    types = {np.dtype(tensor["dtype"]).name for tensor in interpreter.get_tensor_details()}
    assert types == {"int8", "int32"}  # int32: biases and shapes
    (source,) = interpreter.get_input_details()
    assert source["shape"].tolist() == [1, 24, 16, 1]


def test_only_plain_operations_are_left(quantized: Quantized) -> None:
    used = {operation["op_name"] for operation in make_interpreter(quantized.network)._get_ops_details()}
    assert used - {"DELEGATE"} == {"CONV_2D", "MAX_POOL_2D", "RESHAPE", "FULLY_CONNECTED"}


def test_the_edges_are_those_of_the_data(quantized: Quantized) -> None:
    # Inputs from 0 to 1 fill the 256 steps: 0 is -128, or next to it.
    assert quantized.input.scale == pytest.approx(1 / 255, rel=0.02)
    assert quantized.input.zero_point in (-128, -127)
    assert dataclasses.astuple(quantized.output)[0] > 0


def test_a_network_of_other_operations_is_refused() -> None:
    source = keras.Input((24, 16, 1))
    odd = keras.Model(source, keras.ops.erf(keras.layers.Flatten()(source)))
    with pytest.raises(ValueError, match="cannot be quantized"):
        quantize(odd, patterns(4, 0)[0])
