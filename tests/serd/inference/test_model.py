"""serd.inference.model: loading, quantization at the edges, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.errors import ConfigError
from serd.inference.contract import Quantization, read_model, write_model
from serd.inference.model import find, installed_models, load, softmax

MODELS = [(path.stem, read_model(path)[1].task) for path in installed_models()]


@pytest.mark.parametrize(("name", "task"), MODELS)
def test_every_installed_model_loads_and_answers(name: str, task: str):
    model = load(name, task)
    front_end = model.contract.front_end
    windows = np.random.default_rng(0).random((3, front_end.rows, front_end.bands.count)).astype(np.float32)
    answers = model.probabilities(windows)
    assert answers.shape == (3, len(model.contract.labels))
    np.testing.assert_allclose(answers.sum(axis=1), 1)
    assert not np.array_equal(answers[0], answers[1])


@pytest.mark.parametrize(("name", "task"), MODELS)
def test_a_window_is_answered_the_same_alone_and_in_a_batch(name: str, task: str):
    model = load(name, task)
    front_end = model.contract.front_end
    windows = np.random.default_rng(1).random((4, front_end.rows, front_end.bands.count)).astype(np.float32)
    alone = np.stack([model.scorer.logits(window[np.newaxis])[0] for window in windows])
    assert np.array_equal(model.scorer.logits(windows), alone)


def test_an_installed_model_is_found_by_name_and_any_by_path(tmp_path: Path):
    name = MODELS[0][0]
    copy = tmp_path / "mine.tflite"
    copy.write_bytes(find(name).read_bytes())
    assert find(str(copy)) == copy
    with pytest.raises(ConfigError, match=f"nosuch: .*{name}"):
        find("nosuch")


def test_a_model_for_another_task_is_refused():
    with pytest.raises(ConfigError, match="made for the task 'speech'"):
        load("speech", "emotion")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"labels": ("a", "b", "c")}, "output shape"),
        ({"input": Quantization(0.5, 0)}, "input quantization"),
        ({"output": Quantization(0.5, 0)}, "output quantization"),
        ({"input": None}, "input type"),
        ({"output": None}, "output type"),
        ({"activation": 1.0}, "output shape"),
    ],
)
def test_a_contract_that_does_not_fit_its_network_is_refused(tmp_path: Path, change: dict, named: str):
    network, contract = read_model(find("speech"))
    path = tmp_path / "other.tflite"
    write_model(path, network, dataclasses.replace(contract, **change))
    with pytest.raises(ConfigError, match=rf"other\.tflite.*{named}"):
        load(str(path), "speech")


def test_rubbish_with_a_valid_contract_is_refused(tmp_path: Path):
    network, contract = read_model(find("speech"))
    path = tmp_path / "rubbish.tflite"
    write_model(path, network[:8] + bytes(64), contract)
    with pytest.raises(ConfigError, match=r"rubbish\.tflite"):
        load(str(path), "speech")


@given(st.lists(st.floats(-500, 500), min_size=2, max_size=9))
def test_softmax_sums_to_one_for_any_logits(logits: list[float]):
    assert softmax(np.array(logits)).sum() == pytest.approx(1)
