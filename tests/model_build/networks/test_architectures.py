"""The networks, layer by layer."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest

from model_build.networks import architectures
from model_build.networks.architectures import (
    NETWORKS,
    cnn,
    cnn_attention,
    cnn_lstm,
    dnn,
    lstm,
    macs,
    parameters,
    pooling_model,
    serd_small,
    serd_tiny,
    towers,
)


def test_cnn_is_the_thesis_network() -> None:
    model = cnn(96, 64, 8)
    kinds = [type(layer).__name__ for layer in model.layers[1:]]
    assert kinds == ["Conv2D", "MaxPooling2D", "Dropout"] * 2 + ["Flatten", "Dense", "Dropout", "Dense"]
    first, second = model.layers[1], model.layers[4]
    assert (first.filters, first.kernel_size, second.filters, second.kernel_size) == (32, (2, 2), 64, (3, 3))
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [0.25, 0.25, 0.5]
    assert [layer.units for layer in model.layers if isinstance(layer, keras.layers.Dense)] == [128, 8]
    assert [layer.pool_size for layer in model.layers if isinstance(layer, keras.layers.MaxPooling2D)] == [(2, 2)] * 2
    relus = [layer.activation.__name__ for layer in model.layers if hasattr(layer, "activation")]
    assert relus == ["relu", "relu", "relu", "linear"]


def test_counts_of_the_cnn_are_those_worked_out_by_hand() -> None:
    # 96x64 -> 95x63x32 -> 47x31 -> 45x29x64 -> 22x14 -> 19712 -> 128 -> 8
    model = cnn(96, 64, 8)
    dense = 22 * 14 * 64 * 128 + 128 * 8
    assert macs(model) == 95 * 63 * 32 * 4 + 45 * 29 * 64 * 9 * 32 + dense
    assert parameters(model) == 4 * 32 + 32 + 9 * 32 * 64 + 64 + dense + 128 + 8


def test_counts_of_the_others_are_those_worked_out_by_hand() -> None:
    flat = 96 * 64
    assert macs(dnn(96, 64, 8)) == flat * 384 + 384 * 192 + 192 * 8
    assert parameters(dnn(96, 64, 8)) == macs(dnn(96, 64, 8)) + 384 + 192 + 8
    # Four gates, each fed with the row and its own state.
    gates = 4 * 128 * (64 + 128)
    assert macs(lstm(96, 64, 8)) == 96 * gates + 128 * 64 + 64 * 8
    assert parameters(lstm(96, 64, 8)) == gates + 4 * 128 + 128 * 64 + 64 + 64 * 8 + 8


def test_counts_of_the_hybrids_are_those_worked_out_by_hand() -> None:
    convolutions = 95 * 63 * 32 * 4 + 45 * 29 * 64 * 9 * 32
    steps = 22 * (14 * 64) * 128  # 22 steps of time, 14 bands of 64 channels each brought to 128
    attention = 22 * 128 * 64 + 22 * 64 + 22 * 128  # scores, and the weighted mean
    assert macs(cnn_attention(96, 64, 8)) == convolutions + steps + attention + 128 * 8
    gates = 4 * 128 * (128 + 128)
    assert macs(cnn_lstm(96, 64, 8)) == convolutions + steps + 22 * gates + 128 * 8
    weights = 4 * 32 + 32 + 9 * 32 * 64 + 64 + 14 * 64 * 128 + 128
    assert parameters(cnn_attention(96, 64, 8)) == weights + (128 * 64 + 64) + (64 + 1) + 128 * 8 + 8
    assert parameters(cnn_lstm(96, 64, 8)) == weights + gates + 4 * 128 + 128 * 8 + 8


def test_attention_is_a_mean_over_time() -> None:
    """Its weights are positive and sum to 1, whatever the input."""
    model = cnn_attention(96, 64, 8)
    softmax = next(layer for layer in model.layers if isinstance(layer, keras.layers.Softmax))
    weights = keras.Model(model.input, softmax.output).predict(
        np.random.default_rng(0).random((2, 96, 64, 1)), verbose=0
    )
    assert weights.shape == (2, 22, 1)
    assert weights.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (weights > 0).all()


def test_the_cnn_without_dropout_and_of_other_widths() -> None:
    without = cnn(96, 64, 8, dropout=False)
    assert not any(isinstance(layer, keras.layers.Dropout) for layer in without.layers)
    assert parameters(without) == parameters(cnn(96, 64, 8))
    half = cnn(96, 64, 8, width=16)
    assert [layer.filters for layer in half.layers if isinstance(layer, keras.layers.Conv2D)] == [16, 32]
    assert [layer.units for layer in half.layers if isinstance(layer, keras.layers.Dense)] == [64, 8]


WINDOWS = np.random.default_rng(0).random((4, 32, 16, 1), np.float32)


def drawn(model: keras.Model) -> keras.Model:
    """The same with weights that hide nothing: the last layer begins at zero."""
    rng = np.random.default_rng(1)
    model.set_weights([np.abs(rng.normal(1, 0.3, own.shape)) for own in model.get_weights()])
    return model


def test_the_default_model_says_the_mean_of_what_its_towers_say() -> None:
    model = drawn(serd_small(32, 16, 8, width=2))
    apart = towers(model)
    assert len(apart) == 3
    said = [own.predict_on_batch(WINDOWS) for own in apart]
    np.testing.assert_allclose(model.predict_on_batch(WINDOWS), np.mean(said, axis=0), rtol=1e-4)
    assert not np.allclose(said[0], said[1])


def test_what_a_tower_learns_the_whole_knows() -> None:
    model = drawn(serd_small(32, 16, 8, width=2, towers=2))
    first, second = towers(model)
    before = first.predict_on_batch(WINDOWS)
    second.set_weights([np.zeros_like(own) for own in second.get_weights()])
    np.testing.assert_allclose(model.predict_on_batch(WINDOWS), before / 2, rtol=1e-4)


def test_towers_share_nothing_and_are_of_one_shape() -> None:
    model = serd_small(32, 16, 8, width=2)
    apart = towers(model)
    assert len({parameters(own) for own in apart}) == len({macs(own) for own in apart}) == 1
    assert parameters(model) == 3 * parameters(apart[0])
    assert macs(model) == 3 * macs(apart[0])
    alone = serd_small(32, 16, 8, width=2, towers=1)
    assert (parameters(alone), macs(alone)) == (parameters(apart[0]), macs(apart[0]))


@pytest.mark.parametrize("model", [serd_tiny(32, 16, 8, width=2), dnn(32, 16, 8, width=8)])
def test_a_network_without_towers_is_its_only_one(model: keras.Model) -> None:
    assert towers(model) == [model]


def test_what_is_pooled_is_that_of_every_tower() -> None:
    model = drawn(serd_small(32, 16, 8, width=2))
    pooled = pooling_model(model).predict_on_batch(WINDOWS)
    assert pooled.shape == (4, 3 * 2 * 6 * 2), "mean and maximum of six times the width, three times"
    each = [pooling_model(own).predict_on_batch(WINDOWS) for own in towers(model)]
    np.testing.assert_allclose(pooled, np.concatenate(each, axis=1), rtol=1e-5)
    assert pooling_model(serd_tiny(32, 16, 8, width=2)).output_shape == (None, 2 * 6 * 2)
    assert pooling_model(dnn(32, 16, 8, width=8)) is None


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_end_in_logits(name: str) -> None:
    model = NETWORKS[name](96, 64, 8)
    windows = np.random.default_rng(0).random((3, 96, 64, 1), np.float32)
    logits = model.predict(30 * windows, verbose=0)
    assert logits.shape == (3, 8)
    assert not np.allclose(logits.sum(axis=1), 1, atol=1e-3)


def test_networks_run_on_any_backend_of_keras() -> None:
    assert "tensorflow" not in inspect.getsource(architectures)
