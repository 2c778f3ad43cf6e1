"""model_build.experiments.head_experiment, and the study of serd-base that is made of them."""

from __future__ import annotations

from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.head_recipe import BASE
from model_build.studies.serd_base import STUDIES


def test_every_run_of_the_study_has_a_name_and_a_key_of_its_own() -> None:
    runs = STUDIES["serd-base"].runs
    assert len({run.name for run in runs}) == len({run.key for run in runs}) == len(runs)


def test_calibration_splits_hear_nobody_of_the_fold_and_test_nobody_twice() -> None:
    own = HeadExperiment(BASE, "luna", 2, seed=2, conditions=True)
    (split,) = own.calibration_splits
    assert (split.fold, split.seed, split.inner, split.conditions) == (2, 0, True, False)
    assert [one.fold for one in HeadExperiment(BASE, "whole").calibration_splits] == [1, 2, 3, 4, 5]
    assert HeadExperiment(BASE, "emobox", 1).calibration_splits == split.calibration_splits == ()
