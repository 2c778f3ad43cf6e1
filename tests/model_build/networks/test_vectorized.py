"""Networks side by side do what Keras does with each."""

from __future__ import annotations

from functools import partial

import jax
import keras
import numpy as np
import pytest
from keras import layers

from model_build.networks.architectures import NETWORKS, towers
from model_build.networks.vectorized import apply, set_weights, stack_weights

RNG = np.random.default_rng(0)
WINDOWS = RNG.random((2, 5, 20, 12, 1)).astype(np.float32)
"""Five for each of two networks."""


def networks(name: str, **variant: int) -> list[keras.Model]:
    """Two, whose weights and statistics are all drawn anew: what begins at zero hides faults."""
    made = [towers(NETWORKS[name](20, 12, 8, **variant))[0] for _ in range(2)]
    for own in made:
        own.set_weights([np.abs(RNG.normal(1, 0.3, weight.shape)) for weight in own.get_weights()])
    return made


def alone(layer: keras.Layer, *shape: int) -> keras.Model:
    """A network of one layer."""
    given = keras.Input(shape)
    return keras.Model(given, layer(given))


@pytest.mark.parametrize(("name", "width"), [("serd-small", 3), ("serd-tiny", 2), ("dnn", 8)])
def test_logits_are_those_of_keras(name: str, width: int) -> None:
    models = networks(name, width=width)
    logits, statistics = jax.jit(partial(apply, models[0]))(stack_weights(models), WINDOWS)
    wanted = np.stack([own(WINDOWS[k], training=False) for k, own in enumerate(models)])
    np.testing.assert_allclose(logits, wanted, rtol=2e-4)
    for place, own in stack_weights(models).statistics.items():
        for before, after in zip(own, statistics[place], strict=True):
            np.testing.assert_array_equal(before, after, "asking teaches nothing")


def test_in_training_statistics_move_as_those_of_keras() -> None:
    models = [towers(NETWORKS["serd-small"](20, 12, 8, 3, 1, dropout=0.0))[0] for _ in range(2)]
    weights = stack_weights(models)
    logits, statistics = apply(models[0], weights, WINDOWS, jax.random.split(jax.random.key(0), 2))
    wanted = np.stack([own(WINDOWS[k], training=True) for k, own in enumerate(models)])
    np.testing.assert_allclose(logits, wanted, atol=1e-4)
    moved = stack_weights(models).statistics
    assert any(len(own) for own in moved.values())
    for place, own in moved.items():
        for keras_s, ours in zip(own, statistics[place], strict=True):
            np.testing.assert_allclose(ours, keras_s, atol=2e-3)  # a variance of n - 1 there, of n here


def test_dropout_is_each_networks_own() -> None:
    models = [alone(layers.Dropout(0.5), 4) for _ in range(2)]
    keys = jax.random.split(jax.random.key(3), 2)
    ones = np.ones((2, 500, 4), np.float32)
    dropped, _ = apply(models[0], stack_weights(models), ones, keys)
    second, _ = apply(models[0], stack_weights(models[1:]), ones[1:], keys[1:])
    assert set(np.unique(dropped)) == {0.0, 2.0}
    assert 0.4 < float((dropped == 0).mean()) < 0.6
    assert (dropped[0] != dropped[1]).any()
    np.testing.assert_array_equal(second[0], dropped[1])


def test_weights_return_to_the_networks_that_they_came_from() -> None:
    models = networks("serd-small", width=2, towers=1)
    before = [own.get_weights() for own in models]
    weights = stack_weights(models)
    for own in models:
        own.set_weights([np.zeros_like(weight) for weight in own.get_weights()])
    set_weights(weights, models)
    for own, arrays in zip(models, before, strict=True):
        for weight, array in zip(own.get_weights(), arrays, strict=True):
            np.testing.assert_array_equal(weight, array)


def test_a_layer_that_is_not_known_is_named() -> None:
    model = alone(layers.LSTM(3, name="memory"), 4, 2)
    with pytest.raises(TypeError, match="memory: a LSTM cannot"):
        apply(model, stack_weights([model]), WINDOWS)
