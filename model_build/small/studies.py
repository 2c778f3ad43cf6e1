"""The studies of the default models: what was screened on inner splits, and what the named recipes came to.

A lever is one change to `SMALL`. Both of its trainings test actors who would train in an outer fold: the outer test
actors are heard by the named recipes alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from model_build.small.channel import Channel
from model_build.small.experiment import HOME, Experiment
from model_build.small.protocol import EMOBOX
from model_build.small.recipe import SMALL, TINY, Small
from model_build.study.protocol import LUNA
from model_build.study.studies import Study
from serd.frontend import Bands

INNER = (1, 2)
"""Folds on whose inner splits levers are screened."""
UNHEARD = ("emo-db", "urdu", "ased")
"""Corpora that train no default model."""
LEFT_OUT = "nemo"
"""A corpus that trains them, and is heard by networks of the same recipe without it."""
HARD = Channel(noise=0.5, room=0.2, telephone=0.25, cut=0.15, snr_db=(-3.0, 30.0))


def _changed(note: str, **changes: object) -> Small:
    """The recipe with some of its fields changed, or of its schedule's."""
    own = {name: value for name, value in changes.items() if hasattr(SMALL, name)}
    rest = {name: value for name, value in changes.items() if name not in own}
    schedule = dataclasses.replace(SMALL.schedule, **rest)  # type: ignore[arg-type]
    return dataclasses.replace(SMALL, note=note, **{"schedule": schedule, **own})  # type: ignore[arg-type]


def _bands(count: int, pool: int) -> object:
    """The recipe's front end with so many bands, a row every `pool` hops, over the same time."""
    bands = Bands("mel", count, SMALL.front_end.bands.low_hz, SMALL.front_end.bands.high_hz, pool)
    rows = SMALL.front_end.rows * SMALL.front_end.bands.pool // pool
    return dataclasses.replace(SMALL.front_end, bands=bands, rows=rows)


def _without(recipe: Small, note: str = f"without-{LEFT_OUT}") -> Small:
    """The recipe, with one corpus less."""
    shares = tuple(own for own in recipe.schedule.shares if own[0] != LEFT_OUT)
    corpora = tuple(name for name in recipe.corpora if name != LEFT_OUT)
    schedule = dataclasses.replace(recipe.schedule, shares=shares)
    return dataclasses.replace(recipe, note=note, corpora=corpora, schedule=schedule)


SONG = (HOME, "ravdess-song", "nemo")
LEVERS: tuple[Small, ...] = (
    SMALL,
    _without(SMALL),
    _changed("nemo-20", shares=((HOME, 0.8), ("nemo", 0.2))),
    _changed("nemo-40", shares=((HOME, 0.6), ("nemo", 0.4))),
    _changed("song", corpora=SONG, shares=((HOME, 0.55), ("ravdess-song", 0.15), ("nemo", 0.3))),
    _changed("reading", read=("librispeech",), shares=((HOME, 0.65), ("nemo", 0.3), ("librispeech", 0.05))),
    _changed("one-tower", variant=(("width", 20), ("towers", 1))),
    _changed("no-mixup", mixup=0.0),
    _changed("60-epochs", epochs=60),
    _changed("hard-channel", channel=HARD),
    _changed("whole-windows", whole=1.0),
    _changed("64-bands", front_end=_bands(64, 1)),
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


def _protocols(recipe: Small, seeds: int) -> Iterable[Experiment]:
    """Every protocol that has rows in the model's card, what decides first before what makes it surer."""
    for seed in range(seeds):
        yield Experiment(recipe, "whole", seed=seed, others=UNHEARD)
        if seed == 0:
            yield Experiment(_without(recipe), "whole", others=(LEFT_OUT,))
        for fold in range(1, len(LUNA) + 1):
            yield Experiment(recipe, "luna", fold, seed, conditions=seed == 0)
        if seed == 0:
            yield from (Experiment(recipe, "random", seed=own) for own in range(5))
    for fold in range(1, len(EMOBOX) + 1):
        yield Experiment(recipe, "emobox", fold)


STUDIES: dict[str, Study[Experiment]] = {
    study.name: study
    for study in (
        Study("levers", "What helps on inner splits?", tuple(_levers())),
        Study("floor", "What does one small network reach, from scratch?", tuple(_floor())),
        Study("serd-small", "How good is the default model?", tuple(_protocols(SMALL, 3))),
        Study("serd-tiny", "How good is the smallest one?", tuple(_protocols(TINY, 1))),
    )
}
