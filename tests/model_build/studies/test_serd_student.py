"""What the students' study tries: who trains and teaches has heard nobody who tests."""

from __future__ import annotations

import dataclasses

import pytest

from model_build.experiments.head_recipe import BASE
from model_build.experiments.recipe import SMALL
from model_build.experiments.splits import LUNA, parts
from model_build.experiments.student_experiment import StudentExperiment
from model_build.experiments.student_recipe import LEFT_OUT
from model_build.studies.cost import expected_seconds
from model_build.studies.serd import INNER
from model_build.studies.serd_student import CHOSEN, LATER, RECIPES, STUDIES, UNHEARD
from tests.support.judgements import EVERYONE

RUNS = STUDIES["students"].runs


def test_every_run_has_a_name_and_keys_of_its_own() -> None:
    for name in ("name", "key", "training_key"):
        assert len({getattr(run, name) for run in RUNS}) == len(RUNS)
    assert all(60 < expected_seconds(run) < 25 * 60 for run in RUNS)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.name)
def test_nobody_who_trains_or_teaches_tests(run: StudentExperiment) -> None:
    outer, found = LUNA[(run.fold or 0) - 1], parts(run.base, EVERYONE)
    assert run.inner
    assert not {EVERYONE[k].speaker for k in (*found.train, *found.test)} & set(outer)
    heard = {*run.recipe.base.corpora, *run.recipe.base.read}
    assert not heard & set(run.others)
    assert set(UNHEARD) <= set(run.others)
    if run.teacher is not None:
        assert not set(run.others) & set(dict(run.teacher.recipe.shares))
        split = (run.teacher.protocol, run.teacher.fold, run.teacher.inner, run.teacher.seed)
        assert split == (run.protocol, run.fold, run.inner, run.seed)


def test_the_first_recipe_is_serd_small_s_but_for_its_size() -> None:
    first = RECIPES[0]
    assert (first.teacher, first.pitch) == (None, 0)
    own, small = first.base, SMALL
    schedule = dataclasses.replace(own.schedule, epochs=small.schedule.epochs)
    same = dataclasses.replace(own, name=small.name, variant=small.variant, version=small.version, schedule=schedule)
    assert same == small


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.note or "as it is")
def test_shares_are_of_the_corpora_that_are_heard(recipe) -> None:
    base = recipe.base
    assert {name for name, _ in base.schedule.shares} == {*base.corpora, *base.read}
    assert sum(share for _, share in base.schedule.shares) == pytest.approx(1)
    assert not set(dict(recipe.reference.shares)) & set(base.read)
    if recipe.teacher is not None:
        assert recipe.teacher == (BASE if LEFT_OUT in base.corpora else BASE.without(LEFT_OUT))


def test_what_was_chosen_is_tried_on_one_fold_more() -> None:
    for recipe in RECIPES:
        folds = [run.fold for run in RUNS if run.recipe == recipe]
        assert folds == ([*INNER, LATER] if recipe in CHOSEN else [*INNER])


def test_networks_are_trained_anew_for_what_changes_them_alone() -> None:
    own = RUNS[0]
    assert dataclasses.replace(own, others=()).training_key == own.training_key
    for recipe in (dataclasses.replace(own.recipe, pitch=4), dataclasses.replace(own.recipe, teacher=BASE)):
        assert dataclasses.replace(own, recipe=recipe).training_key != own.training_key
