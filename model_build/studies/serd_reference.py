"""The study of the reference: serd-base's protocols again, each clip with what its person said before."""

from __future__ import annotations

from collections.abc import Iterable

from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.experiments.reference_recipe import ReferenceRecipe
from model_build.experiments.splits import LUNA
from model_build.experiments.study import Study

RECIPE = ReferenceRecipe()
UNHEARD = ("ased", "librispeech")
"""Corpora whose persons are known and that train no head; the last is plain reading."""
EMOTIONAL = ("emo-db", "nemo")
PLAIN = ("asterisk-prompts",)
"""Corpora that train, and are heard by networks of the recipe without them."""
SEEDS = 3


def _runs() -> Iterable[ReferenceExperiment]:
    for seed in range(SEEDS):
        for fold in range(1, len(LUNA) + 1):
            yield ReferenceExperiment(RECIPE, "luna", fold, seed)
            if (seed, fold) == (0, 1):
                yield ReferenceExperiment(RECIPE, "whole", others=UNHEARD)
                yield from map(_left_out, EMOTIONAL)
        if seed == 0:
            yield from map(_left_out, PLAIN)


def _left_out(corpus: str) -> ReferenceExperiment:
    return ReferenceExperiment(RECIPE.without(corpus), "whole", others=(corpus,))


STUDIES: dict[str, Study[ReferenceExperiment]] = {
    "reference": Study("reference", "How much does it help to know the voice?", tuple(_runs()))
}
