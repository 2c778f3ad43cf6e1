"""An experiment's network: kept, forgotten, and brought to a file with the temperature of the inner split."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from model_build import cache
from model_build.small.channel import Channel
from model_build.small.dataset import Dataset
from model_build.small.experiment import Experiment
from model_build.small.recipe import SMALL
from model_build.small.schedule import Schedule
from model_build.small.training import forget, temperature, trained, write
from model_build.study import conduct
from serd import model

PLAIN = Channel(noise=0, room=0, tilt_db=0, warp=0, pace=0)
CORPORA = ("ravdess-speech", "ravdess-song", "nemo")
SCHEDULE = Schedule(epochs=1, draws=64, settling=2, channel=PLAIN)
EXPERIMENT = Experiment(
    dataclasses.replace(SMALL, network="dnn", variant=(("width", 8),), corpora=CORPORA, schedule=SCHEDULE, primer=None)
)
PRIMER = dataclasses.replace(SCHEDULE, shares=(("nemo", 1.0),), draws=32)
PRIMED = dataclasses.replace(EXPERIMENT, recipe=dataclasses.replace(EXPERIMENT.recipe, primer=PRIMER))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    conduct.corpus.cache_clear()


def quiet(_: str) -> None:
    """Nobody reads along."""


def test_weights_are_kept_until_they_are_forgotten(data: Path) -> None:
    dataset = Dataset.read(EXPERIMENT, data)
    first = trained(EXPERIMENT, dataset, data, quiet, lambda: None)
    again = trained(EXPERIMENT, dataset, data, quiet, lambda: None)
    assert len(first.losses) == 1
    assert again.losses == []
    for one, other in zip(first.model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    forget(EXPERIMENT)
    assert len(trained(EXPERIMENT, dataset, data, quiet, lambda: None).losses) == 1


def test_another_recipe_has_weights_of_its_own(data: Path) -> None:
    dataset = Dataset.read(EXPERIMENT, data)
    trained(EXPERIMENT, dataset, data, quiet, lambda: None)
    other = dataclasses.replace(EXPERIMENT, seed=1)
    assert len(trained(other, dataset, data, quiet, lambda: None).losses) == 1


def test_a_primed_network_begins_with_what_other_corpora_taught_it(data: Path) -> None:
    """All that it learns here is learned from the primer: the schedule itself teaches nothing."""
    idle = dataclasses.replace(SCHEDULE, rate=0.0)
    dataset, lines = Dataset.read(PRIMED, data), list[str]()
    weights = {}
    for name, primer, fold in (("plain", None, 1), ("primed", PRIMER, 1), ("other fold", PRIMER, 2)):
        recipe = dataclasses.replace(PRIMED.recipe, primer=primer, schedule=idle)
        own = dataclasses.replace(PRIMED, recipe=recipe, fold=fold)
        weights[name] = trained(own, dataset, data, lines.append, lambda: None).model.get_weights()
    (said,) = (line for line in lines if "primed" in line)
    assert said == "luna1_serd-small_seed0: primed on 4 clips of nemo", "once for all folds"
    assert not np.array_equal(weights["plain"][0], weights["primed"][0])
    np.testing.assert_array_equal(weights["primed"][0], weights["other fold"][0])
    assert not weights["primed"][-2].any(), "the last layer starts anew"


def test_without_its_corpora_nothing_is_primed(data: Path) -> None:
    recipe = dataclasses.replace(PRIMED.recipe, corpora=("ravdess-speech",))
    own, lines = dataclasses.replace(PRIMED, recipe=recipe), list[str]()
    trained(own, Dataset.read(own, data), data, lines.append, lambda: None)
    assert not any("primed" in line for line in lines)


def test_the_temperature_comes_from_a_network_that_has_not_heard_who_tells_it(data: Path) -> None:
    dataset, lines = Dataset.read(EXPERIMENT, data), list[str]()
    found = temperature(EXPERIMENT, dataset, data, lines.append, lambda: None)
    assert 1 / 8 <= found <= 8
    assert len([line for line in lines if "epoch" in line]) == 1, "the inner split's network was trained"
    again = temperature(EXPERIMENT, dataset, data, lines.append, lambda: None)
    assert again == found
    assert len([line for line in lines if "epoch" in line]) == 1


def test_the_file_is_int8_and_the_daemon_loads_it(data: Path) -> None:
    dataset = Dataset.read(EXPERIMENT, data)
    network = trained(EXPERIMENT, dataset, data, quiet, lambda: None)
    path = write(EXPERIMENT, dataset, network.model, 1.5, cache.folder("models") / "here")
    loaded = model.load(str(path))
    assert loaded.contract.temperature == 1.5
    assert loaded.contract.input.scale > 0
    assert loaded.contract.notes["recipe"] == EXPERIMENT.key
