"""The teacher's weights in Keras: what it says, and files that are not its own."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from teachers import ARRAYS, reference

from model_build.teacher.frontend import mel
from model_build.teacher.network import embedder, network
from model_build.teacher.weights import expected, load, read
from serd.errors import UsageError


@pytest.fixture(scope="module")
def teacher(teachers: Path) -> keras.Model:
    model = network()
    load(model, read(teachers / ARRAYS))
    return model


@pytest.fixture(scope="module")
def arrays() -> dict[str, np.ndarray]:
    """Some of the right names and shapes."""
    return {name: np.zeros(shape, np.float32) for name, shape in expected().items()}


def write(path: Path, arrays: dict[str, np.ndarray]) -> Path:
    np.savez(path, **arrays)
    return path


@pytest.mark.parametrize("heard", ["the reference's mel", "our own mel"])
def test_it_says_what_the_reference_says(teachers: Path, teacher: keras.Model, heard: str) -> None:
    known = reference(teachers)
    rows = mel(known["samples"]) if heard.startswith("our") else known["mel"].T
    inputs = rows[np.newaxis, ..., np.newaxis]
    embedding, logits = (np.asarray(model(inputs)) for model in (embedder(teacher), teacher))
    np.testing.assert_allclose(embedding, known["embedding"], atol=1e-4)
    np.testing.assert_allclose(logits, known["logits"], atol=1e-3)


def test_another_last_layer_keeps_its_own_weights(teachers: Path, teacher: keras.Model) -> None:
    model = network(8)
    kernel = np.asarray(model.get_layer("labels").kernel)
    load(model, read(teachers / ARRAYS))
    np.testing.assert_array_equal(model.get_layer("labels").kernel, kernel)
    for name in ("features.0.0", "features.16.1", "classifier.2"):
        for ours, its in zip(model.get_layer(name).weights, teacher.get_layer(name).weights, strict=True):
            np.testing.assert_array_equal(ours, its)


def test_a_file_of_the_right_names_and_shapes_is_read(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    counters = {"features.0.1.num_batches_tracked": np.array(7)}
    assert read(write(tmp_path / "a.npz", arrays | counters)).keys() == arrays.keys()


def test_a_missing_array_is_named(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    left = {name: array for name, array in arrays.items() if name != "features.3.block.1.0.weight"}
    with pytest.raises(UsageError, match=r"a\.npz: array features\.3\.block\.1\.0\.weight is missing"):
        read(write(tmp_path / "a.npz", left))


@pytest.mark.parametrize("name", ["features.17.0.weight", "classifier.5.num_batches_tracked"])
def test_a_superfluous_array_is_named(tmp_path: Path, arrays: dict[str, np.ndarray], name: str) -> None:
    with pytest.raises(UsageError, match=f"array {name} is superfluous"):
        read(write(tmp_path / "a.npz", arrays | {name: np.array(0)}))


@pytest.mark.parametrize(
    ("array", "fault"),
    [
        (np.zeros((512, 383), np.float32), r"shape \(512, 383\) where \(512, 384\) is due"),
        (np.zeros((512, 384), np.int64), "not a finite number"),
        (np.full((512, 384), np.nan, np.float32), "not a finite number"),
    ],
)
def test_a_wrong_array_is_named(tmp_path: Path, arrays: dict[str, np.ndarray], array: np.ndarray, fault: str) -> None:
    with pytest.raises(UsageError, match=rf"array classifier\.2\.weight .*{fault}"):
        read(write(tmp_path / "a.npz", arrays | {"classifier.2.weight": array}))


def test_a_file_that_is_none_is_named(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    absent, text, single = tmp_path / "none.npz", tmp_path / "text.npz", tmp_path / "one.npy"
    with pytest.raises(UsageError, match=r"none\.npz: missing"):
        read(absent)
    text.write_text("<html>")
    cut = write(tmp_path / "cut.npz", arrays)
    cut.write_bytes(cut.read_bytes()[:5000])
    np.save(single, np.zeros(3))
    for path in (text, cut, single):
        with pytest.raises(UsageError, match=rf"{path.name}: cannot be read as arrays"):
            read(path)


def test_pickled_objects_are_never_loaded(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    evil = arrays | {"classifier.2.bias": np.array([print], dtype=object)}
    with pytest.raises(UsageError, match="cannot be read as arrays"):
        read(write(tmp_path / "a.npz", evil))
