"""What runs are expected to take."""

from __future__ import annotations

import dataclasses

import pytest

from model_build.experiments.experiment import Experiment
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.head_recipe import BASE
from model_build.experiments.recipe import SMALL, TINY
from model_build.studies.cost import HEARING_S, PIPED_S, expected_seconds, pace
from model_build.thesis.experiment import ThesisExperiment, ThesisSchedule
from model_build.thesis.studies import STUDIES

EVERY = list(dict.fromkeys(run for study in STUDIES.values() for run in study.runs))


def test_every_run_is_within_25_minutes_and_all_within_6_hours_of_two_cores() -> None:
    assert max(expected_seconds(run) for run in EVERY) < 25 * 60
    assert sum(expected_seconds(run) for run in EVERY) / 2 < 6 * 3600


def test_cost_grows_with_what_there_is_to_do() -> None:
    run = ThesisExperiment("cnn", fold=1)
    for more in (
        dataclasses.replace(run, schedule=ThesisSchedule(epochs=50)),
        dataclasses.replace(run, variant=(("width", 48),)),
        dataclasses.replace(run, protocol="whole"),
        dataclasses.replace(run, others=("nemo",)),
    ):
        assert expected_seconds(more) > expected_seconds(run)
    assert expected_seconds(dataclasses.replace(run, limit=80)) < expected_seconds(run) / 5
    assert expected_seconds(ThesisExperiment("dnn", fold=1)) < expected_seconds(run)


def test_conditions_and_conversations_are_heard_beside_the_clean_clips() -> None:
    fold = Experiment(SMALL, fold=1)
    heard = expected_seconds(dataclasses.replace(fold, conditions=True)) - expected_seconds(fold)
    assert heard == pytest.approx((5 + 2 + 3 + 2 + 2) * HEARING_S)
    assert expected_seconds(fold.calibration_split) < expected_seconds(fold) / 1.9
    assert expected_seconds(dataclasses.replace(fold, seed=1)) < expected_seconds(fold) / 1.5, (
        "the twin is the first seed's"
    )


def test_what_the_pipeline_hears_is_expected_to_take_its_time() -> None:
    run = HeadExperiment(BASE, fold=1)
    assert expected_seconds(dataclasses.replace(run, conditions=True)) - expected_seconds(run) == PIPED_S


def test_a_default_model_is_expected_to_train_on_a_processor_with_all_its_networks_and_its_teacher() -> None:
    inner = Experiment(SMALL, fold=1, inner=True)
    assert expected_seconds(inner) == pytest.approx(150 * 3 * 2, rel=0.1), "2 s for each network's epoch"
    one, wide = (dataclasses.replace(SMALL, variant=(("width", width), ("towers", 1))) for width in (12, 20))
    assert expected_seconds(Experiment(one, fold=1, inner=True)) < expected_seconds(inner) / 2.5
    assert expected_seconds(Experiment(wide, fold=1, inner=True)) > 1.5 * expected_seconds(
        Experiment(one, fold=1, inner=True)
    )
    assert expected_seconds(Experiment(TINY, fold=1, inner=True)) > expected_seconds(inner), "the teacher trains first"


def test_the_pace_is_learned_from_what_is_done() -> None:
    assert pace([]) == 1
    assert pace([(10, 20), (10, 30), (10, 1000)]) == pytest.approx(3)
