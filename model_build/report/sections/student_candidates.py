"""What was added to the small network, each way of asking it, against the network as it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from model_build.experiments.experiment import TEST_CORPUS
from model_build.experiments.student_experiment import StudentExperiment
from model_build.experiments.student_recipe import LEFT_OUT, StudentRecipe
from model_build.report.records import Records
from model_build.statistics.bootstrap import Estimate, Tally, mean_apart, mean_estimate, uar
from model_build.studies.serd import INNER
from model_build.studies.serd_student import LATER, RECIPES, STUDIES, UNHEARD
from model_build.studies.student_run import HEAD, HISTORIES

ABROAD_POINTS, HOME_POINTS = 4.0, -1.0
"""A second version of serd-small is to gain so much on corpora never heard, and to lose no more on RAVDESS."""
NETWORK = "the network"
ASKED = ((NETWORK, ""), ("head", f", {HEAD}"), *((f"reference: {rule}", f", {rule}") for rule in HISTORIES))
"""Ways of asking, and the parts of the records that hold their answers."""
EVERY = (*INNER, LATER)
"""Folds on whose inner splits any was tried."""


@dataclass(frozen=True)
class Candidate:
    """One recipe, answered by its network or by its heads."""

    name: str
    asked: str
    tests: int
    """Trainings behind it."""
    home: Estimate
    abroad: Estimate
    corpora: int
    """Corpora that this is the mean over."""
    home_apart: Estimate | None = None
    """This minus the network of the recipe as it is; None for that one."""
    abroad_apart: Estimate | None = None

    @property
    def reached(self) -> str:
        """Whether the mark is."""
        if self.home_apart is None or self.abroad_apart is None:
            return ""
        if 100 * self.abroad_apart.low >= ABROAD_POINTS and 100 * self.home_apart.low >= HOME_POINTS:
            return "by both intervals"
        figures = 100 * self.abroad_apart.value >= ABROAD_POINTS and 100 * self.home_apart.value >= HOME_POINTS
        return "by the figures" if figures else "no"


def candidates(book: Records, folds: Collection[int] = EVERY) -> list[Candidate]:
    """The recipe as it is first; of these folds, only those on which that one was tried, too."""
    every: list[Candidate] = []
    for recipe in RECIPES:
        for title, part in ASKED:
            home = _pair(book, recipe, TEST_CORPUS, part, folds)
            abroad = [pair for corpus in never_heard(recipe) if (pair := _pair(book, recipe, corpus, part, folds))]
            if not home or not abroad:
                continue
            first = recipe is RECIPES[0] and not part
            every.append(
                Candidate(
                    words(recipe),
                    title,
                    len(book.there(runs_of(recipe, folds))),
                    home[0].estimate(uar),
                    mean_estimate([own for own, _ in abroad], uar),
                    len(abroad),
                    None if first else home[0].against(home[1], uar)[0],
                    None if first else mean_apart(abroad, uar),
                )
            )
    return every


def runs_of(recipe: StudentRecipe, folds: Collection[int] = EVERY) -> list[StudentExperiment]:
    """Runs of a recipe on these folds."""
    return [run for run in STUDIES["students"].runs if run.recipe == recipe and run.fold in folds]


def never_heard(recipe: StudentRecipe) -> list[str]:
    """Corpora that a recipe does not hear."""
    return [name for name in (*UNHEARD, LEFT_OUT) if name not in recipe.base.corpora]


def words(recipe: StudentRecipe) -> str:
    """What was added."""
    return recipe.note or "nothing: as it is"


def told(book: Records, recipe: StudentRecipe, corpus: str, part: str) -> dict[int, Tally]:
    """Answers to a corpus by fold, by networks that have not heard it."""
    there = book.there(runs_of(recipe))
    every = {run.fold or 0: record.tallies.get(f"{corpus}{part}") for run, record in there}
    return {fold: tally for fold, tally in every.items() if tally is not None}


def _pair(
    book: Records, recipe: StudentRecipe, corpus: str, part: str, folds: Collection[int]
) -> tuple[Tally, Tally] | None:
    """Answers of a recipe, and of the standard's networks, on those of the folds that both have done; None of none."""
    own, standard = told(book, recipe, corpus, part), told(book, RECIPES[0], corpus, "")
    both = sorted(own.keys() & standard.keys() & set(folds))
    if not both:
        return None
    return Tally.together([own[fold] for fold in both]), Tally.together([standard[fold] for fold in both])
