"""One training of a head that knows a reference, and how it is tried: all that decides what comes out of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from model_build.experiments.experiment import SplitExperiment
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.reference_recipe import ReferenceRecipe
from model_build.experiments.study import document, key

FORM = 1
"""Raise it when the same experiment gives something else: kept results are then made anew."""
CALIBRATING = 1
"""Inner splits whose test clips set the two temperatures, at most."""


@dataclass(frozen=True)
class ReferenceExperiment(SplitExperiment[ReferenceRecipe]):
    """A recipe of a head that knows a reference, and what it is tried on."""

    @property
    def base(self) -> HeadExperiment:
        """The experiment with the head that knows none: same speakers, same seed."""
        return HeadExperiment(
            self.recipe.base, self.protocol, self.fold, self.seed, self.inner, self.others, limit=self.limit
        )

    @property
    def calibration_splits(self) -> tuple[ReferenceExperiment, ...]:
        """Experiments on inner splits, whose tests set the temperature: the first of the base's."""
        splits = self.base.calibration_splits[:CALIBRATING]
        return tuple(
            dataclasses.replace(self, protocol=own.protocol, fold=own.fold, seed=own.seed, inner=True, others=())
            for own in splits
        )

    @property
    def training_key(self) -> str:
        """Tells experiments apart that train otherwise: what is made of a head afterwards is left out."""
        base = dataclasses.replace(self.recipe.base, rules=(), version="")
        recipe = dataclasses.replace(self.recipe, base=base, blend_s=0.0)
        return key(FORM, document(dataclasses.replace(self, recipe=recipe, others=())))

    @property
    def shortened(self) -> ReferenceExperiment:
        """A form of it that takes a minute, on few clips: it shows that it works, and answers nothing."""
        short = self.base.shortened
        recipe = dataclasses.replace(
            self.recipe, base=short.recipe, lines=tuple((name, 0) for name, _ in self.recipe.lines)
        )
        return dataclasses.replace(self, recipe=recipe, limit=short.limit)

    @property
    def key(self) -> str:
        """The experiment's key: records with another one are not its own."""
        return key(FORM, self.document())
