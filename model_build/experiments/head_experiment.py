"""One training of a head over a frozen encoder: all that decides what comes out of it, and a name that tells it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from model_build.evaluation.condition import CHANNELS, SNRS_DB, Condition
from model_build.experiments.experiment import SplitExperiment
from model_build.experiments.head_recipe import HeadRecipe
from model_build.experiments.splits import LUNA
from model_build.experiments.study import document, key

FORM = 1
"""Raise it when the same experiment gives something else: kept results are then made anew."""
HALL = "hall"
"""The condition in which clips are heard in measured halls whose responses train nothing."""
CONDITIONS = (*(Condition("noise", db).name for db in SNRS_DB), *(condition.name for condition in CHANNELS), HALL)
"""The conditions under which an experiment may hear its test clips."""


@dataclass(frozen=True)
class HeadExperiment(SplitExperiment[HeadRecipe]):
    """A recipe of a head, and what it is tried on."""

    @property
    def calibration_splits(self) -> tuple[HeadExperiment, ...]:
        """Experiments on inner splits, whose tests set the temperatures.

        They are the fold's own, or all of Luna's where nobody of RAVDESS tests.
        """
        folds = (self.fold,) if self.protocol == "luna" else range(1, len(LUNA) + 1)
        if self.inner or self.protocol == "emobox":
            return ()
        changed = dataclasses.replace(self, protocol="luna", seed=0, inner=True, others=(), conditions=False)
        return tuple(dataclasses.replace(changed, fold=fold) for fold in folds)

    @property
    def training_key(self) -> str:
        """Tells experiments apart that train otherwise: what is made of a head afterwards is left out."""
        recipe = dataclasses.replace(self.recipe, rules=(), version="")
        return key(FORM, document(dataclasses.replace(self, recipe=recipe, others=(), conditions=False)))

    @property
    def shortened(self) -> HeadExperiment:
        """A form of it that takes a minute, on few clips: it shows that it works, and answers nothing."""
        schedule = dataclasses.replace(self.recipe.schedule, epochs=1, draws=256)
        counts = tuple((name, 1) for name, _ in self.recipe.counts)
        recipe = dataclasses.replace(self.recipe, schedule=schedule, counts=counts)
        return dataclasses.replace(self, recipe=recipe, conditions=False, limit=12)

    @property
    def key(self) -> str:
        """The experiment's key: records with another one are not its own."""
        return key(FORM, self.document())
