"""One training of a small network that is given what serd-base has, and how it is tried."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from model_build.experiments.experiment import Experiment, SplitExperiment
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.student_recipe import StudentRecipe
from model_build.experiments.study import document, key

FORM = 1
"""Raise it when the same experiment gives something else: kept results are then made anew."""


@dataclass(frozen=True)
class StudentExperiment(SplitExperiment[StudentRecipe]):
    """A recipe, and what it is tried on."""

    @property
    def base(self) -> Experiment:
        """The experiment of the small network alone: same speakers, same seed."""
        return Experiment(self.recipe.base, self.protocol, self.fold, self.seed, self.inner, limit=self.limit)

    @property
    def teacher(self) -> HeadExperiment | None:
        """The experiment of the head that teaches: it has heard none of those who test here."""
        if self.recipe.teacher is None:
            return None
        own = HeadExperiment(self.recipe.teacher, self.protocol, self.fold, inner=self.inner, limit=self.limit)
        return own if self.limit is None else own.shortened

    @property
    def training_key(self) -> str:
        """Tells experiments apart that train otherwise."""
        base = dataclasses.replace(self.recipe.base, rules=())
        recipe = dataclasses.replace(self.recipe, base=base)
        return key(FORM, document(dataclasses.replace(self, recipe=recipe, others=())))

    @property
    def shortened(self) -> StudentExperiment:
        """A form of it that takes seconds, on few clips: it shows that it works, and answers nothing."""
        return dataclasses.replace(self, recipe=self.recipe.shortened, limit=80)

    @property
    def key(self) -> str:
        """The experiment's key: records with another one are not its own."""
        return key(FORM, self.document())
