"""One training of a default model: all that decides what comes out of it, and a name that tells it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from model_build.experiments.recipe import TEACHERS, Recipe
from model_build.experiments.study import document, key

TEST_CORPUS = "ravdess-speech"
"""The corpus whose clips test."""
SCORED = "score"
"""A record's answers of the int8 network through `serd.score`; without speech there are no probabilities."""
FORM = 4
"""Raise it when the same experiment gives something else: kept results are then made anew."""

TestProtocol = Literal["luna", "emobox", "random", "whole"]
"""Who tests:

- luna, emobox: the actors of one fold of RAVDESS, by Luna-Jimenez or EmoBox. What they sang trains nobody either.
- random: a quarter of RAVDESS' spoken clips, drawn by the seed; speakers are on both sides (the thesis').
- whole: nobody of the corpora that train; others test.
"""


class Named(Protocol):
    """What an experiment's name tells of a recipe."""

    @property
    def name(self) -> str: ...
    @property
    def note(self) -> str: ...


AnyRecipe = TypeVar("AnyRecipe", bound=Named)


@dataclass(frozen=True)
class SplitExperiment(Generic[AnyRecipe]):
    """A recipe, and the protocol by which speakers train or test."""

    family: ClassVar[str] = "serd"
    """The folder of its record."""

    recipe: AnyRecipe
    protocol: TestProtocol = "luna"
    fold: int | None = None
    """1 to 5, of EmoBox 1 to 6."""
    seed: int = 0
    """Fixes inner split, initial weights and all draws."""
    inner: bool = False
    """Test some of those who would train: what levers are screened on, and temperatures fitted."""
    others: tuple[str, ...] = ()
    """Corpora that test beside, or instead of, RAVDESS' own test part."""
    conditions: bool = False
    """Listen to the test clips under other conditions, too: in noise, in rooms."""
    limit: int | None = None
    """At most so many clips of each corpus, for a quick look."""

    @property
    def name(self) -> str:
        """The name of the record's file: words that tell this experiment from all others."""
        place = {"whole": "from"}.get(self.protocol, f"{self.protocol}{self.fold or ''}")
        words = [f"inner-{place}" if self.inner else place, self.recipe.name]
        words += [self.recipe.note] if self.recipe.note else []
        return "_".join([*words, f"seed{self.seed}"])

    @property
    def corpus(self) -> str:
        """The corpus whose clips test."""
        return TEST_CORPUS

    def document(self) -> dict[str, Any]:
        """The experiment as JSON has it."""
        return document(self)


@dataclass(frozen=True)
class Experiment(SplitExperiment[Recipe]):
    """A default model's recipe, and what it is tried on."""

    @property
    def calibration_split(self) -> Experiment:
        """The experiment on an inner split: it sets the temperature, one for all seeds that test the same speakers."""
        seed = self.seed if self.protocol == "random" else 0
        return dataclasses.replace(self, seed=seed, inner=True, others=(), conditions=False)

    @property
    def teacher(self) -> Experiment | None:
        """The experiment by the recipe whose network teaches this one's, if there is one."""
        if self.recipe.name not in TEACHERS:
            return None
        known, taught = TEACHERS[self.recipe.name], self.recipe
        schedule = dataclasses.replace(known.schedule, shares=taught.schedule.shares)
        recipe = dataclasses.replace(
            known, note=taught.note, corpora=taught.corpora, read=taught.read, schedule=schedule
        )
        teacher = dataclasses.replace(self, recipe=recipe, others=(), conditions=False)
        return teacher.shortened if taught.schedule == taught.schedule.shortened else teacher

    @property
    def calibrated(self) -> bool:
        """Whether it is asked how true its confidence is: that takes a second training, on the calibration split.

        A version that does not ship is asked for its labels alone.
        """
        return self.recipe.ships and not self.inner and self.protocol in ("luna", "whole")

    @property
    def trainings(self) -> list[Experiment]:
        """Experiments whose networks it takes: its own and, where it is calibrated, that of the calibration split."""
        return [self, self.calibration_split] if self.calibrated else [self]

    @property
    def shortened(self) -> Experiment:
        """A form of it that takes seconds, on few clips: it shows that it works, and answers nothing."""
        recipe = dataclasses.replace(self.recipe, schedule=self.recipe.schedule.shortened)
        return dataclasses.replace(self, recipe=recipe, conditions=False, limit=80)

    @property
    def training_key(self) -> str:
        """Tells experiments apart that train otherwise: what is made of a network afterwards is left out."""
        recipe = dataclasses.replace(self.recipe, rules=())
        described = document(dataclasses.replace(self, recipe=recipe, others=(), conditions=False))
        return key(FORM, described | ({"teacher": self.teacher.training_key} if self.teacher else {}))

    @property
    def key(self) -> str:
        """The experiment's key: records with another one are not its own."""
        return key(FORM, self.document() | ({"teacher": self.teacher.training_key} if self.teacher else {}))
