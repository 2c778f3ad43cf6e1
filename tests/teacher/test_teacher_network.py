"""The shape of the teacher's network; what it computes is checked with its weights."""

from __future__ import annotations

import math

import keras
import numpy as np
import pytest

from model_build.teacher.network import EMBEDDING, HIDDEN, SOUNDS, embedder, network


@pytest.fixture(scope="module")
def sounds() -> keras.Model:
    return network()


def count(weights: list[keras.Variable]) -> int:
    return sum(math.prod(weight.shape) for weight in weights)


def test_it_is_as_large_as_its_publisher_says(sounds: keras.Model) -> None:
    assert count(sounds.trainable_weights) // 1000 == 983
    assert sounds.output_shape == (None, SOUNDS)
    assert embedder(sounds).output_shape == (None, EMBEDDING)


def test_it_is_made_of_keras_own_layers(sounds: keras.Model) -> None:
    assert {type(layer).__module__.split(".")[0] for layer in sounds.layers} == {"keras"}
    assert not any(isinstance(layer, keras.layers.Lambda) for layer in sounds.layers)


@pytest.mark.parametrize("frames", [64, 300])
def test_it_takes_any_number_of_frames(sounds: keras.Model, frames: int) -> None:
    said = sounds(np.zeros((2, frames, 128, 1), np.float32))
    assert said.shape == (2, SOUNDS)


@pytest.mark.parametrize("hidden", [True, False])
def test_other_labels_take_the_place_of_audiosets(hidden: bool) -> None:
    model = network(8, hidden=hidden, frames=256)
    assert model.input_shape == (None, 256, 128, 1)
    assert model.output_shape == (None, 8)
    assert model.get_layer("labels").kernel.shape == (HIDDEN if hidden else EMBEDDING, 8)
