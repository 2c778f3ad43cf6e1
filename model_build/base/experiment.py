"""One training of serd-base's head: all that decides what comes out of it, and a name that tells it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from model_build.base.recipe import Base
from model_build.experiments.experiment import TEST_CORPUS
from model_build.experiments.study import document, key

FORM = 1
"""Raise it when the same experiment gives something else: kept results are then made anew."""

Protocol = Literal["luna", "emobox", "whole"]
"""Who tests:

- luna, emobox: the actors of one fold of RAVDESS, by Luna-Jimenez or EmoBox. What they sang trains nobody either.
- whole: nobody of the corpora that train; others test.
"""


@dataclass(frozen=True)
class Experiment:
    """A recipe, and what it is tried on."""

    family: ClassVar[str] = "serd"

    recipe: Base
    protocol: Protocol = "luna"
    fold: int | None = None
    """1 to 5, of EmoBox 1 to 6."""
    seed: int = 0
    """Fixes initial weights and all draws."""
    inner: bool = False
    """Test some of those who would train: what levers are screened on, and temperatures fitted."""
    others: tuple[str, ...] = ()
    """Corpora that test."""
    conditions: bool = False
    """Listen to the test clips in noise and in rooms, too."""
    limit: int | None = None
    """At most so many clips of each corpus, for a quick look."""

    @property
    def name(self) -> str:
        """Of the result's file: words that tell this experiment from all others."""
        place = "from" if self.protocol == "whole" else f"{self.protocol}{self.fold or ''}"
        words = [f"inner-{place}" if self.inner else place, self.recipe.name]
        words += [self.recipe.note] if self.recipe.note else []
        return "_".join([*words, f"seed{self.seed}"])

    @property
    def corpus(self) -> str:
        """Whose clips test, where there are folds."""
        return TEST_CORPUS

    @property
    def twins(self) -> tuple[Experiment, ...]:
        """Inner splits that set the temperatures: the fold's own, or all of Luna's where nobody of RAVDESS tests."""
        folds = (self.fold,) if self.protocol == "luna" else (1, 2, 3, 4, 5)
        if self.inner or self.protocol == "emobox":
            return ()
        changed = dataclasses.replace(self, protocol="luna", seed=0, inner=True, others=(), conditions=False)
        return tuple(dataclasses.replace(changed, fold=fold) for fold in folds)

    @property
    def lesson(self) -> str:
        """Tells experiments apart that train otherwise."""
        recipe = dataclasses.replace(self.recipe, rules=(), version="")
        return key(FORM, document(dataclasses.replace(self, recipe=recipe, others=(), conditions=False)))

    @property
    def shortened(self) -> Experiment:
        """The same in a minute, on few clips: it shows that it works, and answers nothing."""
        schedule = dataclasses.replace(self.recipe.schedule, epochs=1, draws=256)
        counts = tuple((name, 1) for name, _ in self.recipe.counts)
        recipe = dataclasses.replace(self.recipe, schedule=schedule, counts=counts)
        return dataclasses.replace(self, recipe=recipe, conditions=False, limit=12)

    def document(self) -> dict[str, Any]:
        """As JSON has it."""
        return document(self)

    @property
    def key(self) -> str:
        """Of the experiment: results with another one are not this one's."""
        return key(FORM, self.document())
