"""The studies of the default models: what was screened on inner splits, and what the named recipes came to.

A lever is one change to `SMALL`. Both of its trainings test actors who would train in an outer fold: the outer test
actors are heard by the named recipes alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from model_build.small.channel import Channel
from model_build.small.experiment import Experiment
from model_build.small.protocol import EMOBOX
from model_build.small.recipe import SMALL, TINY, Small
from model_build.small.schedule import Schedule
from model_build.study.protocol import LUNA
from model_build.study.studies import Study
from serd.frontend import Bands

INNER = ((1, 0), (2, 1))
"""Fold and seed of the two inner splits that levers are screened on."""
UNHEARD = ("emo-db", "urdu", "ased")
"""Corpora that no default model is ever trained on."""
HARD = Channel(noise=0.6, room=0.35, telephone=0.08, cut=0.15, tilt_db=4.0)
NONE = Channel(noise=0, room=0, tilt_db=0, warp=0, pace=0)


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


LEVERS: tuple[Small, ...] = (
    SMALL,
    _changed("hints", hint=1.0),
    _changed("64-bands", front_end=_bands(64, 2)),
    _changed("speech-only", corpora=("ravdess-speech",)),
    _changed("home-at-last", home=0.4),
    _changed("hard-channel", channel=HARD),
    _changed("64-bands-16-ms", front_end=_bands(64, 1)),
    _changed("partial", whole=0.5),
    _changed("partial-doubt", whole=0.5, doubt=0.5),
    _changed("no-mixup", mixup=0.0),
    _changed("no-channel", channel=NONE),
    _changed("speech-and-song", corpora=("ravdess-speech", "ravdess-song")),
    _changed("240-epochs", epochs=2 * Schedule().epochs),
)


def _levers() -> Iterable[Experiment]:
    for lever in LEVERS:
        for fold, seed in INNER:
            yield Experiment(lever, fold=fold, seed=seed, inner=True)


def _protocols(recipe: Small, seeds: int) -> Iterable[Experiment]:
    """Every protocol that has rows in the model's card, the one that decides first."""
    for seed in range(seeds):
        for fold in range(1, len(LUNA) + 1):
            yield Experiment(recipe, "luna", fold, seed, conditions=seed == 0)
    for seed in range(seeds):
        yield Experiment(recipe, "whole", seed=seed, others=UNHEARD)
    without = tuple(name for name in recipe.corpora if name != "nemo")
    yield Experiment(dataclasses.replace(recipe, note="without-nemo", corpora=without), "whole", others=("nemo",))
    for fold in range(1, len(EMOBOX) + 1):
        yield Experiment(recipe, "emobox", fold)
    for seed in range(5):
        yield Experiment(recipe, "random", seed=seed)


STUDIES: dict[str, Study[Experiment]] = {
    study.name: study
    for study in (
        Study("levers", "What helps on inner splits?", tuple(_levers())),
        Study("serd-small", "How good is the default model?", tuple(_protocols(SMALL, 3))),
        Study("serd-tiny", "How good is the smallest one?", tuple(_protocols(TINY, 1))),
    )
}
