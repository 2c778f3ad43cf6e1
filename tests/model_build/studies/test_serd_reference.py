"""model_build.experiments.reference_experiment, and the study that is made of them."""

from __future__ import annotations

import dataclasses

import pytest

from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.experiments.reference_recipe import ReferenceRecipe
from model_build.studies.cost import expected_seconds
from model_build.studies.reference_run import corpora_of, histories
from model_build.studies.serd_base import STUDIES as BASE
from model_build.studies.serd_reference import STUDIES

RUNS = STUDIES["reference"].runs


def test_every_run_has_a_name_and_a_key_of_its_own_beside_those_of_the_base() -> None:
    every = (*RUNS, *BASE["serd-base"].runs)
    assert len({run.name for run in every}) == len({run.key for run in every}) == len(every)
    assert all(expected_seconds(run) < 25 * 60 for run in RUNS)


def test_a_reference_s_base_is_a_run_of_serd_base() -> None:
    trained = {run.training_key for run in BASE["serd-base"].runs}
    assert all(run.base.training_key in trained for run in RUNS)


def test_heads_are_trained_anew_for_what_changes_them_alone() -> None:
    own = ReferenceExperiment(ReferenceRecipe(), fold=1)
    for recipe in (ReferenceRecipe(half_s=8.0), ReferenceRecipe(neutral=0.5), ReferenceRecipe(most=2)):
        assert dataclasses.replace(own, recipe=recipe).training_key != own.training_key
    blended = dataclasses.replace(own, recipe=ReferenceRecipe(blend_s=8.0))
    assert (blended.training_key, blended.key == own.key) == (own.training_key, False)
    assert dataclasses.replace(own, others=("ased",)).training_key == own.training_key


def test_temperatures_come_from_an_inner_split_with_the_same_recipe() -> None:
    own = ReferenceExperiment(ReferenceRecipe(), "luna", 2, seed=2)
    (split,) = own.calibration_splits
    assert (split.fold, split.seed, split.inner, split.recipe) == (2, 0, True, own.recipe)
    (split,) = ReferenceExperiment(ReferenceRecipe().without("nemo"), "whole").calibration_splits
    assert (split.protocol, split.fold) == ("luna", 1)
    assert "nemo" not in dict(split.recipe.shares)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_nobody_who_trains_tests(run: ReferenceExperiment) -> None:
    if run.protocol == "whole":
        assert not set(corpora_of(run)) & set(dict(run.recipe.shares))
        assert not set(corpora_of(run)) & set(dict(run.recipe.base.shares))


def test_plain_speech_has_no_history_of_emotions() -> None:
    assert histories("librispeech") == ("neutral", "wrong person")
    assert "other microphone" in histories("ravdess-speech")
    assert "other microphone" not in histories("ased")
