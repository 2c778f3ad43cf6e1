"""How well a linear probe names the corpus from what a network pools: how much of the recording is left in it.

A network that tells corpora apart has learned rooms, microphones and sentences beside emotions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model_build.clips.features import Clip
from model_build.clips.windows import asked_windows
from model_build.corpora import Utterance
from model_build.evaluation.offline import KerasScorer
from model_build.experiments.splits import FOLDS, speaker_folds
from model_build.networks.architectures import pooling_model
from model_build.statistics.metrics import figures
from serd.inference.frontend import FrontEnd, Rows

CLIPS = 200
"""Clips of each corpus, or as many as the smallest has."""
SEED = 6
"""The seed of the clips drawn."""
RIDGE = 0.01
"""Penalty on the weights, against a mean square of the standardised numbers of 1."""

Embeddings = NDArray[np.float64]


@dataclass(frozen=True)
class Probe:
    """How often the probe is right about clips of speakers that it does not know."""

    accuracy: float
    """Mean recall over the corpora, each of which counts alike."""
    chance: float
    corpora: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The probe's figures, for a record's numbers."""
        return {"accuracy": round(self.accuracy, 4), "chance": round(self.chance, 4), "corpora": list(self.corpora)}


def probe(model: keras.Model, clips: Mapping[str, Sequence[Clip]], front_end: FrontEnd) -> Probe | None:
    """Probe a network with clips by corpus; corpora of one speaker are left out.

    None for a network that pools nothing, or where there are not two corpora to tell apart.
    """
    able = {name: members for name, members in clips.items() if len({clip.utterance.group for clip in members}) > 1}
    pooling = pooling_model(model)
    if len(able) < 2 or pooling is None:
        return None
    each = min(CLIPS, *map(len, able.values()))
    rng = np.random.default_rng(SEED)
    drawn = [members[k] for members in able.values() for k in np.sort(rng.permutation(len(members))[:each])]
    pooled = KerasScorer(pooling).logits(np.stack([whole(clip, front_end) for clip in drawn]))
    truth = np.repeat(np.arange(len(able)), each)
    answers = crossed(pooled.astype(np.float64), truth, folds([clip.utterance for clip in drawn]))
    return Probe(figures(truth, answers, len(able)).uar, 1 / len(able), tuple(able))


def whole(clip: Clip, front_end: FrontEnd) -> Rows:
    """The window that holds most of the clip's speech: (rows, bands) in [0, 1]."""
    windows = asked_windows([clip], front_end)
    most: Rows = windows.inputs[int(windows.heard_s.argmax())]
    return most


def folds(utterances: Sequence[Utterance]) -> NDArray[np.intp]:
    """The fold of each (n,): every corpus is spread over the folds, and no speaker is in two."""
    families: dict[str, list[Utterance]] = {}
    for utterance in utterances:
        families.setdefault(utterance.family or utterance.corpus, []).append(utterance)
    folded = [fold for members in families.values() for fold in enumerate(speaker_folds(members))]
    fold = {group: k for k, groups in folded for group in groups}
    return np.array([fold[utterance.group] for utterance in utterances], np.intp)


def crossed(pooled: Embeddings, truth: NDArray[np.intp], fold: NDArray[np.intp]) -> NDArray[np.intp]:
    """What is answered for each clip (n,) by a probe that was fitted without its fold."""
    answers = np.full(len(truth), -1)
    for k in range(FOLDS):
        tested = fold == k
        answers[tested] = fitted(pooled[~tested], truth[~tested], pooled[tested])
    return answers


def fitted(known: Embeddings, truth: NDArray[np.intp], asked: Embeddings) -> NDArray[np.intp]:
    """Ridge regression to one number a corpus; the largest is the answer (asked,)."""
    mean, spread = known.mean(axis=0), known.std(axis=0)
    spread = np.where(spread > 1e-6, spread, 1)
    x, targets = (known - mean) / spread, np.eye(truth.max() + 1)[truth]
    penalty = RIDGE * len(x) * np.eye(x.shape[1])
    weights = np.linalg.solve(x.T @ x + penalty, x.T @ (targets - targets.mean(axis=0)))
    answers: NDArray[np.intp] = ((asked - mean) / spread @ weights + targets.mean(axis=0)).argmax(axis=1)
    return answers
