"""Who teaches a default model, and who tests it: no test speaker shapes anything that is fitted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from model_build.corpora import Utterance
from model_build.small.experiment import HOME, Experiment
from model_build.splits import Indices, random_split
from model_build.study.protocol import LUNA, hold_out

EMOBOX = (
    ("01", "11", "20", "21"),
    ("04", "10", "12", "14"),
    ("08", "09", "19", "23"),
    ("03", "05", "07", "24"),
    ("02", "15", "16", "18"),
    ("06", "13", "17", "22"),
)
"""Test actors of the six folds of RAVDESS by EmoBox (Ma et al. 2024)."""
FAMILY = "ravdess"
INNER = 0.25
"""Share of the clips that might train which test an inner split."""
NOISE_FOLDS = ("1", "2", "3", "4")
"""Of ESC-10: what shapes the default models. The fifth, which shapes no network, tests them."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Indices of clips, each in one part at most and in rising order."""

    train: Indices
    test: Indices


def parts(experiment: Experiment, utterances: Sequence[Utterance]) -> Parts:
    """What test actors sang, and what an inner split leaves to the outer test, is in neither part."""
    if experiment.protocol == "random":
        return _random(experiment, utterances)
    outer = {f"{FAMILY}/{actor}" for actor in actors(experiment)}
    tested = outer
    if experiment.inner:
        rest = [own for own in utterances if own.corpus == HOME and own.group not in outer]
        tested = hold_out(rest, INNER, [experiment.seed, experiment.fold or 0])
    away = outer | tested
    return Parts(
        _indices(k for k, own in enumerate(utterances) if own.group not in away),
        _indices(k for k, own in enumerate(utterances) if own.group in tested and own.corpus == HOME),
    )


def actors(experiment: Experiment) -> tuple[str, ...]:
    """The test actors of the experiment's fold; none where there are no folds."""
    folds = {"luna": LUNA, "emobox": EMOBOX}.get(experiment.protocol, ())
    return folds[(experiment.fold or 1) - 1] if folds else ()


def _random(experiment: Experiment, utterances: Sequence[Utterance]) -> Parts:
    """By clips: the validation part is the inner split's test."""
    home = _indices(k for k, own in enumerate(utterances) if own.corpus == HOME)
    split = random_split(len(home), experiment.seed)
    tested = home[split.validation if experiment.inner else split.test]
    away = np.union1d(tested, home[split.test])
    return Parts(np.setdiff1d(np.arange(len(utterances)), away), tested)


def _indices(found: Iterable[int]) -> Indices:
    return np.array(list(found), np.intp)
