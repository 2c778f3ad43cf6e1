"""An experiment's network: kept, forgotten, and brought to a file with the temperature of the inner split."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from model_build.clips import features
from model_build.clips.channel import Channel
from model_build.clips.features import Clip
from model_build.experiments.dataset import Dataset
from model_build.experiments.experiment import Experiment
from model_build.experiments.recipe import SMALL, TEACHERS
from model_build.experiments.schedule import Schedule
from model_build.files import cache
from model_build.networks import export
from model_build.networks.architectures import NETWORKS
from model_build.training import fit, session
from model_build.training.examples import Examples
from model_build.training.session import forget, temperature, train_together, trained_networks, write_model_file
from model_build.training.views import Views
from serd.inference import model

PLAIN = Channel(noise=0, room=0, tilt_db=0, warp=0, pace=0)
CORPORA = ("ravdess-speech", "ravdess-song", "nemo")
SCHEDULE = Schedule(epochs=1, draws=64, mixup=0.0, settling=2, channel=PLAIN)
RECIPE = dataclasses.replace(SMALL, network="dnn", variant=(("width", 8),), corpora=CORPORA, schedule=SCHEDULE)
EXPERIMENT = Experiment(RECIPE, "luna", 1)
OTHER = Experiment(RECIPE, "luna", 2)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    features.corpus_clips.cache_clear()


@pytest.fixture
def dataset(data: Path) -> Dataset:
    return Dataset.read([EXPERIMENT], data)


def quiet(_: str) -> None:
    """Nobody reads along."""


def learned(experiment: Experiment, dataset: Dataset) -> list[np.ndarray]:
    (found,) = trained_networks([experiment], dataset, quiet)
    return found.model.get_weights()


def test_weights_are_kept_until_they_are_forgotten(dataset: Dataset) -> None:
    lines: list[str] = []
    (first,) = trained_networks([EXPERIMENT], dataset, lines.append)
    (again,) = trained_networks([EXPERIMENT], dataset, lines.append)
    epochs = [line for line in lines if "epoch" in line]
    assert len(epochs) == len(first.course.losses) == 1
    assert again.course == first.course
    for one, other in zip(first.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    forget(EXPERIMENT)
    trained_networks([EXPERIMENT], dataset, lines.append)
    assert len([line for line in lines if "epoch" in line]) == 2


def test_another_seed_has_weights_of_its_own(dataset: Dataset) -> None:
    one, other = (learned(dataclasses.replace(EXPERIMENT, seed=seed), dataset) for seed in (0, 1))
    assert not np.allclose(one[0], other[0], atol=1e-3)


def test_an_experiments_network_is_the_same_whoever_trains_beside_it(dataset: Dataset) -> None:
    alone = learned(OTHER, dataset)
    forget(OTHER)
    _, beside = trained_networks([EXPERIMENT, OTHER], dataset, quiet)
    assert beside.course.beside == 2
    for one, other in zip(alone, beside.model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)


def test_what_is_kept_is_not_trained_beside_others(dataset: Dataset) -> None:
    train_together([EXPERIMENT], dataset, quiet)
    lines: list[str] = []
    found = trained_networks([EXPERIMENT, OTHER], dataset, lines.append)
    assert lines[0].startswith(f"{OTHER.name}: 1 networks")
    assert [own.course.beside for own in found] == [1, 1]


def test_views_that_were_drawn_before_serve_as_well(dataset: Dataset) -> None:
    schedule = dataclasses.replace(SCHEDULE, again=1e9)  # one view of each clip, however few train
    own = dataclasses.replace(EXPERIMENT, recipe=dataclasses.replace(RECIPE, schedule=schedule))
    drawn = learned(own, dataset)
    forget(own)
    one = np.ones(len(dataset.clips), int)
    seen = Views.draw(dataset.clips, one, [clip.rows for clip in dataset.noises], RECIPE.front_end, schedule)
    train_together([own], dataset, quiet, seen=seen)
    for one, other in zip(drawn, learned(own, dataset), strict=True):
        np.testing.assert_array_equal(one, other)


def test_each_tower_of_a_network_learns_for_itself(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def pair(rows: int, bands: int, labels: int) -> keras.Model:
        window = keras.Input((rows, bands, 1))
        flat = keras.layers.Flatten()(window)
        said = [keras.layers.Dense(labels, kernel_initializer="zeros")(flat) for _ in range(2)]
        return keras.Model(window, keras.layers.Average()(said))

    monkeypatch.setitem(NETWORKS, "pair", pair)
    recipe = dataclasses.replace(RECIPE, network="pair", variant=())
    (found,) = trained_networks([dataclasses.replace(EXPERIMENT, recipe=recipe)], dataset, quiet)
    first, _, second, _ = found.model.get_weights()
    assert found.course.beside == 2
    assert np.abs(first).max() > 0
    assert not np.allclose(first, second, atol=1e-4), "they began alike and heard other things"


def test_who_has_a_teacher_is_trained_after_it_by_what_it_says(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = dataclasses.replace(EXPERIMENT, recipe=dataclasses.replace(RECIPE, name="student", note="taught"))
    untaught, lines = learned(student, dataset), list[str]()
    forget(student)
    monkeypatch.setitem(TEACHERS, "student", RECIPE)
    (found,) = trained_networks([student], dataset, lines.append)
    names = [line.split(":")[0] for line in lines if "learn" in line]
    assert student.teacher is not None
    assert names == [student.teacher.name, student.name]
    assert not np.allclose(untaught[0], found.model.get_weights()[0], atol=1e-4)


def spied(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, told: Callable[..., list[Clip]]) -> list[set[str]]:
    """The clips that each call of a function is given, by `told` from its arguments."""
    calls, real = list[set[str]](), getattr(module, name)

    def spy(*arguments: Any, **more: Any) -> Any:
        calls.append(names(told(*arguments)))
        return real(*arguments, **more)

    monkeypatch.setattr(module, name, spy)
    return calls


def names(clips: Iterable[Clip]) -> set[str]:
    return {clip.utterance.name for clip in clips}


def test_a_network_hears_those_who_train_and_no_others(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    def heard(students: list[fit.Student], examples: Examples, *_: Any) -> list[Clip]:
        return [examples.clips[k] for k in np.flatnonzero(students[0].views)]

    calls = spied(monkeypatch, fit, "train", heard)
    for own in (EXPERIMENT, EXPERIMENT.calibration_split):
        train_together([own], dataset, quiet)
        train, test = map(names, dataset.split(own))
        told = calls.pop()
        assert told
        assert told <= train, "some corpora have no share"
        assert test
        assert not train & test


def test_the_temperature_is_set_by_who_neither_tests_nor_trained_its_network(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = spied(monkeypatch, session, "calibrate", lambda trial, *_: list(trial.clips))
    temperature(EXPERIMENT, dataset, quiet)
    (told,) = asked
    heard, inner = map(names, dataset.split(EXPERIMENT.calibration_split))
    train, test = map(names, dataset.split(EXPERIMENT))
    assert told == inner <= train
    assert not told & (heard | test)


def test_int8_ranges_are_of_clips_that_train(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    given = spied(monkeypatch, export, "representatives", lambda clips, *_: clips)
    (network,) = trained_networks([EXPERIMENT], dataset, quiet)
    write_model_file(EXPERIMENT, dataset, network.model, 1.0, cache.folder("models") / "here")
    train, test = map(names, dataset.split(EXPERIMENT))
    assert given == [train]
    assert not train & test


def test_the_temperature_is_worked_out_once(dataset: Dataset) -> None:
    lines: list[str] = []
    found = temperature(EXPERIMENT, dataset, lines.append)
    assert 1 / 8 <= found <= 8
    assert len([line for line in lines if "epoch" in line]) == 1, "the inner split's network was trained"
    again = temperature(EXPERIMENT, dataset, lines.append)
    assert again == found
    assert len([line for line in lines if "epoch" in line]) == 1


def test_the_file_is_int8_and_the_daemon_loads_it(dataset: Dataset) -> None:
    (network,) = trained_networks([EXPERIMENT], dataset, quiet)
    path = write_model_file(EXPERIMENT, dataset, network.model, 1.5, cache.folder("models") / "here")
    loaded = model.load(str(path))
    assert loaded.contract.temperature == 1.5
    assert loaded.contract.input.scale > 0
    assert loaded.contract.notes["recipe"] == EXPERIMENT.key
