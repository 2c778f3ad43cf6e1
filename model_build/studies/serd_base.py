"""The study of serd-base: every protocol that has rows in its card, what decides first before what makes it surer."""

from __future__ import annotations

from collections.abc import Iterable

from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.head_recipe import BASE, PLAIN
from model_build.experiments.splits import EMOBOX, LUNA
from model_build.experiments.study import Study

UNHEARD = ("urdu", "ased", "librispeech")
"""Corpora that train no head; the last is plain reading."""
LEFT_OUT = ("emo-db", "nemo")
"""Corpora that train, and are heard by networks of the recipe without them."""
SEEDS = 3


def _runs() -> Iterable[HeadExperiment]:
    for seed in range(SEEDS):
        yield HeadExperiment(BASE, "whole", seed=seed, others=UNHEARD if seed == 0 else UNHEARD[:2])
        for fold in range(1, len(LUNA) + 1):
            yield HeadExperiment(BASE, "luna", fold, seed, conditions=seed == 0)
        if seed == 0:
            for corpus in (*LEFT_OUT, *PLAIN):
                yield HeadExperiment(BASE.without(corpus), "whole", others=(corpus,))
    for fold in range(1, len(EMOBOX) + 1):
        yield HeadExperiment(BASE, "emobox", fold)


STUDIES: dict[str, Study[HeadExperiment]] = {
    "serd-base": Study("serd-base", "How good is the default model, a head over a pre-trained encoder?", tuple(_runs()))
}
