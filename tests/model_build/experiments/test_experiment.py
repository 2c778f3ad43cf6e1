"""An experiment's name and key: what tells it from all others."""

from __future__ import annotations

import dataclasses

import pytest

from model_build.experiments.experiment import Experiment
from model_build.experiments.recipe import SMALL, TEACHERS, TINY

FOLD = Experiment(SMALL, "luna", 2, seed=1)


def test_names_tell_experiments_apart():
    lever = dataclasses.replace(SMALL, note="no-mixup")
    others = [
        FOLD,
        FOLD.calibration_split,
        Experiment(SMALL, "luna", 3, seed=1),
        Experiment(SMALL, "emobox", 2, seed=1),
        Experiment(SMALL, "random", seed=1),
        Experiment(SMALL, "whole", seed=1),
        Experiment(TINY, "luna", 2, seed=1),
        Experiment(lever, "luna", 2, seed=1),
        Experiment(SMALL, "luna", 2, seed=0),
    ]
    assert len({own.name for own in others}) == len(others)
    assert FOLD.name == "luna2_serd-small_seed1"
    assert FOLD.calibration_split.name == "inner-luna2_serd-small_seed0"


def test_a_key_follows_from_all_that_decides():
    assert FOLD.key == Experiment(SMALL, "luna", 2, seed=1).key
    slower = dataclasses.replace(SMALL, schedule=dataclasses.replace(SMALL.schedule, rate=1e-4))
    assert FOLD.key != dataclasses.replace(FOLD, recipe=slower).key
    assert FOLD.key != FOLD.calibration_split.key


def test_what_is_made_of_a_network_does_not_train_it_anew():
    ruled = dataclasses.replace(SMALL, rules=(("evidence", 0.0),))
    for other in (dataclasses.replace(FOLD, recipe=ruled), dataclasses.replace(FOLD, others=("emo-db",))):
        assert other.key != FOLD.key
        assert other.training_key == FOLD.training_key
    assert dataclasses.replace(FOLD, seed=2).training_key != FOLD.training_key


def test_seeds_share_a_temperature_where_they_test_the_same_speakers():
    assert FOLD.calibration_split == dataclasses.replace(FOLD, seed=2).calibration_split
    drawn = Experiment(SMALL, "random", seed=1)
    assert drawn.calibration_split.seed == 1


def test_a_temperature_is_fitted_where_confidence_is_asked_about():
    assert FOLD.calibrated
    assert Experiment(SMALL, "whole").calibrated, "the shipped file"
    assert not FOLD.calibration_split.calibrated
    assert not Experiment(SMALL, "emobox", 2).calibrated


def test_the_twin_tests_nothing_else():
    full = dataclasses.replace(FOLD, others=("emo-db",), conditions=True)
    assert full.calibration_split == FOLD.calibration_split
    assert full.calibration_split.inner


def test_a_small_recipe_is_taught_by_the_larger_one_that_heard_the_same():
    tiny = Experiment(TINY, "luna", 2, seed=1, conditions=True)
    assert tiny.teacher == FOLD
    assert tiny.calibration_split.teacher == FOLD.calibration_split
    assert FOLD.teacher is None
    assert tiny.shortened.teacher == FOLD.shortened, "what is shortened learns from what is"


def test_another_teacher_makes_another_lesson(monkeypatch: pytest.MonkeyPatch):
    tiny = Experiment(TINY, "luna", 2)
    before = tiny.training_key, tiny.key
    other = dataclasses.replace(SMALL, schedule=dataclasses.replace(SMALL.schedule, epochs=7))
    monkeypatch.setitem(TEACHERS, "serd-tiny", other)
    assert tiny.training_key != before[0]
    assert tiny.key != before[1]
