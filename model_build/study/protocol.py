"""Who trains, who chooses the epoch, who tests. What chooses never hears a test clip, nor a test speaker.

Speakers are told apart by `Utterance.group`, so RAVDESS's speech and song count as one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model_build.corpora import Utterance
from model_build.metrics import Labels
from model_build.splits import Split, random_split
from model_build.study.run import Run

LUNA = (
    ("02", "05", "14", "15", "16"),
    ("03", "06", "07", "13", "18"),
    ("10", "11", "12", "19", "20"),
    ("08", "17", "21", "23", "24"),
    ("01", "04", "09", "22"),
)
"""Test actors of the five folds of RAVDESS by Luna-Jimenez et al. (2021)."""

FOLDS = 5
CHOOSING = 0.15
"""Share of the clips that are not tested which choose the epoch."""


def split(run: Run, utterances: Sequence[Utterance]) -> Split:
    """Indices of the run's own corpus; under "whole" the test part is empty."""
    if run.protocol == "random":
        return random_split(len(utterances), run.seed)
    tested = _tested(run, utterances)
    rest = [utterance for utterance in utterances if utterance.group not in tested]
    chosen = hold_out(rest, CHOOSING, [run.seed, run.fold or 0])
    groups = [utterance.group for utterance in utterances]
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for k, group in enumerate(groups):
        parts["test" if group in tested else "validation" if group in chosen else "train"].append(k)
    return Split(*(np.array(parts[name], np.intp) for name in ("train", "validation", "test")))


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
    for group in sorted(counts, key=lambda own: (-counts[own], own)):
        alike = [sum(counts[one] for one in fold if genders[one] == genders[group]) for fold in folds]
        k = min(range(FOLDS), key=lambda fold: (alike[fold], sizes[fold], fold))
        folds[k].add(group)
        sizes[k] += counts[group]
    return folds


def shuffled(run: Run, truth: Labels) -> Labels:
    """The labels in another order, which is the run's own.

    RAVDESS has the same clips of every actor, so one order for all folds would be one draw, not five: whatever it
    happens to have in common with the truth, every fold would learn.
    """
    return np.random.default_rng([run.seed, run.fold or 0, 1]).permutation(truth)


def _tested(run: Run, utterances: Sequence[Utterance]) -> set[str]:
    if run.protocol == "whole":
        return set()
    fold = (run.fold or 1) - 1
    if run.protocol == "luna":
        return {f"ravdess/{actor}" for actor in LUNA[fold]}
    return speaker_folds(utterances)[fold]


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
