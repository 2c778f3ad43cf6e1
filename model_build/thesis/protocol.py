"""Who trains, who chooses the epoch, who tests. What chooses never hears a test clip, nor a test speaker.

Speakers are told apart by `Utterance.group`, so RAVDESS's speech and song count as one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model_build.corpora import Utterance
from model_build.experiments.splits import LUNA, Split, hold_out, random_split, speaker_folds
from model_build.statistics.metrics import Labels
from model_build.thesis.experiment import ThesisExperiment

CHOOSING = 0.15
"""Share of the clips that are not tested which choose the epoch."""


def split(run: ThesisExperiment, utterances: Sequence[Utterance]) -> Split:
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


def shuffled(run: ThesisExperiment, truth: Labels) -> Labels:
    """The labels in another order, which is the run's own.

    RAVDESS has the same clips of every actor, so one order for all folds would be one draw, not five: whatever it
    happens to have in common with the truth, every fold would learn.
    """
    return np.random.default_rng([run.seed, run.fold or 0, 1]).permutation(truth)


def _tested(run: ThesisExperiment, utterances: Sequence[Utterance]) -> set[str]:
    if run.protocol == "whole":
        return set()
    fold = (run.fold or 1) - 1
    if run.protocol == "luna":
        return {f"ravdess/{actor}" for actor in LUNA[fold]}
    return speaker_folds(utterances)[fold]
