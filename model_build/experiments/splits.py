"""Who trains and who tests: no test speaker shapes anything that is fitted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import Utterance
from model_build.experiments.experiment import TEST_CORPUS, Experiment, SplitExperiment

AnyExperiment = SplitExperiment[Any]
Indices = NDArray[np.intp]

TEST_SHARE = 0.25
VALIDATION_SHARE = 0.15
"""Share of what is not tested that chooses epoch and temperature."""


@dataclass(frozen=True, eq=False)
class Split:
    """Indices of clips, each in one part only and in rising order."""

    train: Indices
    validation: Indices
    """Chooses the epoch and the temperature."""
    test: Indices
    """Is looked at once, at the end."""


def random_split(count: int, seed: int) -> Split:
    """The thesis' protocol: a quarter of the clips, drawn at random, tests. Speakers are on both sides."""
    order = np.random.default_rng(seed).permutation(count)
    tested = round(TEST_SHARE * count)
    validating = round(VALIDATION_SHARE * (count - tested))
    test, validation, train = np.split(order, [tested, tested + validating])
    return Split(np.sort(train), np.sort(validation), np.sort(test))


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
"""Folds of ESC-10: what shapes the default models. The fifth, which shapes no network, tests them."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Indices of clips, each in one part at most and in rising order."""

    train: Indices
    test: Indices


def parts(experiment: Experiment, utterances: Sequence[Utterance]) -> Parts:
    """What test actors sang, and what an inner split leaves to the outer test, is in neither part."""
    if experiment.protocol == "random":
        return _random(experiment, utterances)
    tested = tested_speakers(experiment, utterances)
    away = tested | outer_speakers(experiment)
    numbered = list(enumerate(utterances))
    return Parts(
        _indices(k for k, clip in numbered if clip.group not in away),
        _indices(k for k, clip in numbered if clip.group in tested and clip.corpus == TEST_CORPUS),
    )


def tested_speakers(experiment: AnyExperiment, utterances: Iterable[Utterance]) -> set[str]:
    """The groups of speakers who test: those of the fold or, of an inner split, some of the others."""
    outer = outer_speakers(experiment)
    if not experiment.inner:
        return outer
    rest = [utterance for utterance in utterances if utterance.corpus == TEST_CORPUS and utterance.group not in outer]
    return hold_out(rest, INNER, [experiment.seed, experiment.fold or 0])


def outer_speakers(experiment: AnyExperiment) -> set[str]:
    """The groups of the fold's test actors, who train nothing, on an inner split neither."""
    return {f"{FAMILY}/{actor}" for actor in actors(experiment)}


def actors(experiment: AnyExperiment) -> tuple[str, ...]:
    """The test actors of the experiment's fold; none where there are no folds."""
    folds = {"luna": LUNA, "emobox": EMOBOX}.get(experiment.protocol, ())
    return folds[(experiment.fold or 1) - 1] if folds else ()


def _random(experiment: Experiment, utterances: Sequence[Utterance]) -> Parts:
    """A split by clips: the validation part is the inner split's test."""
    home = _indices(k for k, utterance in enumerate(utterances) if utterance.corpus == TEST_CORPUS)
    split = random_split(len(home), experiment.seed)
    tested = home[split.validation if experiment.inner else split.test]
    away = np.union1d(tested, home[split.test])
    return Parts(np.setdiff1d(np.arange(len(utterances)), away), tested)


def _indices(indices: Iterable[int]) -> Indices:
    return np.array(list(indices), np.intp)


LUNA = (
    ("02", "05", "14", "15", "16"),
    ("03", "06", "07", "13", "18"),
    ("10", "11", "12", "19", "20"),
    ("08", "17", "21", "23", "24"),
    ("01", "04", "09", "22"),
)
"""Test actors of the five folds of RAVDESS by Luna-Jimenez et al. (2021)."""

FOLDS = 5


def hold_out(utterances: Sequence[Utterance], share: float, seed: Sequence[int]) -> set[str]:
    """Speakers who have about this share of the recordings, women and men in turn; at least one."""
    counts: dict[str, int] = {}
    for utterance in utterances:
        counts[utterance.group] = counts.get(utterance.group, 0) + 1
    chosen: set[str] = set()
    held = 0
    for group in _drawn(utterances, seed):
        if chosen and (held + counts[group] / 2 > share * len(utterances) or len(chosen) + 1 == len(counts)):
            break
        chosen.add(group)
        held += counts[group]
    return chosen


def speaker_folds(utterances: Sequence[Utterance]) -> list[set[str]]:
    """Five sets of speakers, about equal in recordings and in women and men; the same on every call."""
    counts: dict[str, int] = {}
    for utterance in utterances:
        counts[utterance.group] = counts.get(utterance.group, 0) + 1
    folds: list[set[str]] = [set() for _ in range(FOLDS)]
    sizes = [0] * FOLDS
    genders = {utterance.group: utterance.gender for utterance in utterances}
    # The largest first, each to the fold that has fewest of its gender, then fewest recordings.
    for group in sorted(counts, key=lambda group: (-counts[group], group)):
        alike = [sum(counts[one] for one in fold if genders[one] == genders[group]) for fold in folds]
        k = min(range(FOLDS), key=lambda fold: (alike[fold], sizes[fold], fold))
        folds[k].add(group)
        sizes[k] += counts[group]
    return folds


def _drawn(utterances: Sequence[Utterance], seed: Sequence[int]) -> list[str]:
    """Speakers in random order, the genders by turns as long as there are both."""
    order = np.random.default_rng(seed).permutation(sorted({utterance.group for utterance in utterances}))
    genders = {utterance.group: utterance.gender or "" for utterance in utterances}
    place: dict[str, int] = {}
    ranked = []
    for group in order.tolist():
        gender = genders[group]
        place[gender] = place.get(gender, 0) + 1
        ranked.append((place[gender], group))
    return [group for _, group in sorted(ranked, key=lambda item: item[0])]
