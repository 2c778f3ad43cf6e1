"""The study of the students: serd-small's recipe, given what serd-base has, one thing at a time and all together.

Each network leaves out an outer fold's test actors and tests others of its training actors, as the levers do. What the
first two folds found best is set against the recipe as it is in a third; then `study second` asks the outer folds.
"""

from __future__ import annotations

from collections.abc import Iterable

from model_build.experiments.experiment import TEST_CORPUS
from model_build.experiments.student_experiment import StudentExperiment
from model_build.experiments.student_recipe import LEFT_OUT, StudentRecipe, student
from model_build.experiments.study import Study
from model_build.studies.serd import INNER

UNHEARD = ("urdu", "ased")
"""Corpora that train neither students nor teachers."""
PITCH = 8
"""Bands of the pitch track."""
LABELLED = ((TEST_CORPUS, 0.7), ("nemo", 0.3))
GERMAN = ((TEST_CORPUS, 0.6), ("nemo", 0.25), ("emo-db", 0.15))
PLAIN = (("picovoice-wakeword", 0.07), ("mycroft-precise", 0.06), ("asterisk-prompts", 0.02))
SPOKEN = ((TEST_CORPUS, 0.6), ("nemo", 0.25), *PLAIN)
EVERYTHING = ((TEST_CORPUS, 0.55), ("nemo", 0.2), ("emo-db", 0.1), *PLAIN)

RECIPES: tuple[StudentRecipe, ...] = (
    student("", LABELLED),
    student("taught", SPOKEN, taught=True),
    student("pitch", LABELLED, pitch=PITCH),
    student("emo-db", GERMAN),
    student("together", EVERYTHING, taught=True, pitch=PITCH),
)
"""serd-small's recipe first, then what is added to it."""

CHOSEN = (RECIPES[0], RECIPES[2])
"""The recipe as it is, and what the first two folds found to help it by its network alone: tried on one fold more."""
LATER = 3
"""That fold."""


def _runs() -> Iterable[StudentExperiment]:
    for fold in (*INNER, LATER):
        for recipe in RECIPES if fold in INNER else CHOSEN:
            others = (*UNHEARD, *(() if LEFT_OUT in recipe.base.corpora else (LEFT_OUT,)))
            yield StudentExperiment(recipe, fold=fold, inner=True, others=others)


STUDIES: dict[str, Study[StudentExperiment]] = {
    "students": Study("students", "Does the small model learn from the large one?", tuple(_runs()))
}
