"""The studies of the default models: what was screened on inner splits, and what the named recipes came to.

A lever is one change to `SMALL`. Both of its trainings leave out an outer fold's test actors and test others of its
training actors. Those test in another outer fold: the recipe is one for all folds, so its choice, unlike any weight,
knows something of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from model_build.experiments.experiment import TEST_CORPUS, Experiment
from model_build.experiments.recipe import SECOND, SMALL, TINY, Recipe
from model_build.experiments.splits import EMOBOX, LUNA
from model_build.experiments.study import Study
from serd.inference.frontend import FrontEnd

INNER = (1, 2)
"""Folds on whose inner splits levers are screened."""
UNHEARD = ("emo-db", "urdu", "ased")
"""Corpora that train no default model."""
LEFT_OUT = "nemo"
"""A corpus that trains them, and is heard by networks of the same recipe without it."""


def _changed(note: str, **changes: object) -> Recipe:
    """The recipe with some of its fields changed, or of its schedule's."""
    of_recipe = {name: value for name, value in changes.items() if hasattr(SMALL, name)}
    rest = {name: value for name, value in changes.items() if name not in of_recipe}
    schedule = dataclasses.replace(SMALL.schedule, **rest)  # type: ignore[arg-type]
    return dataclasses.replace(SMALL, note=note, **{"schedule": schedule, **of_recipe})  # type: ignore[arg-type]


def _pooled(pool: int) -> FrontEnd:
    """The recipe's front end with a row every so many hops, over the same time."""
    front_end = SMALL.front_end
    bands = dataclasses.replace(front_end.bands, pool=pool)
    return dataclasses.replace(front_end, bands=bands, rows=front_end.rows * front_end.bands.pool // pool)


def _without(recipe: Recipe, note: str = f"without-{LEFT_OUT}") -> Recipe:
    """The recipe, with one corpus less."""
    shares = tuple(share for share in recipe.schedule.shares if share[0] != LEFT_OUT)
    corpora = tuple(name for name in recipe.corpora if name != LEFT_OUT)
    schedule = dataclasses.replace(recipe.schedule, shares=shares)
    return dataclasses.replace(recipe, note=note, corpora=corpora, schedule=schedule)


LEVERS: tuple[Recipe, ...] = (
    SMALL,
    _without(SMALL),
    _changed("nemo-20", shares=((TEST_CORPUS, 0.8), ("nemo", 0.2))),
    _changed("nemo-40", shares=((TEST_CORPUS, 0.6), ("nemo", 0.4))),
    _changed("60-epochs", epochs=60),
    _changed("16-ms-rows", front_end=_pooled(1)),
)


FLOOR = _without(_changed("", variant=(("width", 13), ("towers", 1)), epochs=60), "one-of-147k")
"""What any small network reaches that is trained from scratch: the floor under the default models."""


def _levers() -> Iterable[Experiment]:
    for lever in LEVERS:
        for fold in INNER:
            yield Experiment(lever, fold=fold, inner=True)


def _floor() -> Iterable[Experiment]:
    for fold in range(1, len(LUNA) + 1):
        yield Experiment(FLOOR, fold=fold)


def _protocols(recipe: Recipe, seeds: int) -> Iterable[Experiment]:
    """Every protocol that has rows in the model's card, what decides first before what makes it surer."""
    for seed in range(seeds):
        yield Experiment(recipe, "whole", seed=seed, others=UNHEARD)
        if seed == 0:
            yield Experiment(_without(recipe), "whole", others=(LEFT_OUT,))
        for fold in range(1, len(LUNA) + 1):
            yield Experiment(recipe, "luna", fold, seed, conditions=seed == 0)
        if seed == 0:
            yield from (Experiment(recipe, "random", seed=split_seed) for split_seed in range(5))
    for fold in range(1, len(EMOBOX) + 1):
        yield Experiment(recipe, "emobox", fold)


def _second() -> Iterable[Experiment]:
    """What decides whether it replaces the recipe that ships, each with its own beside it: corpora never heard first,
    which are where it has to be better."""
    yield Experiment(SECOND, "whole", others=UNHEARD)
    yield Experiment(_without(SECOND, f"{SECOND.note}-without-{LEFT_OUT}"), "whole", others=(LEFT_OUT,))
    for fold in range(1, len(LUNA) + 1):
        yield Experiment(SECOND, "luna", fold)


STUDIES: dict[str, Study[Experiment]] = {
    study.name: study
    for study in (
        Study("levers", "What helps on inner splits?", tuple(_levers())),
        Study("floor", "What does one small network reach, from scratch?", tuple(_floor())),
        Study("second", "Is a second version of the small model better?", tuple(_second())),
        Study("serd-small", "How good is the small model?", tuple(_protocols(SMALL, 3))),
        Study("serd-tiny", "How good is the smallest one?", tuple(_protocols(TINY, 1))),
    )
}
