"""What a default model learns from: clips of several corpora, what is known of each, and what a teacher says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.corpora.ravdess import LABELS
from model_build.features import Clip
from serd.frontend import Rows


@dataclass(frozen=True, eq=False)
class Examples:
    """Clips with an emotion among LABELS."""

    clips: tuple[Clip, ...]
    truth: NDArray[np.intp]
    """Index of each clip's label (n,)."""
    known: NDArray[np.bool_]
    """Which labels the clip's corpus has (n, labels): of the others it says nothing. One with a single label has none
    to tell it from, and is told from all."""
    taught: Rows
    """A teacher's probabilities (n, labels); not a number where there is none."""

    @classmethod
    def make(cls, clips: Sequence[Clip], taught: Mapping[str, Rows] | None = None) -> Examples:
        """`taught`: probabilities (labels,) by a clip's digest. Clips without a label among ours are left out."""
        chosen = tuple(clip for clip in clips if clip.utterance.emotion in LABELS)
        truth = np.array([LABELS.index(str(clip.utterance.emotion)) for clip in chosen], np.intp)
        corpora = np.array([clip.utterance.corpus for clip in chosen])
        known = np.zeros((len(chosen), len(LABELS)), bool)
        for corpus in set(corpora.tolist()):
            of_corpus = corpora == corpus
            there = sorted(set(truth[of_corpus].tolist()))
            known[np.ix_(of_corpus, there if len(there) > 1 else range(len(LABELS)))] = True
        unknown = np.full(len(LABELS), np.nan, np.float32)
        said = [(taught or {}).get(clip.digest, unknown) for clip in chosen]
        return cls(chosen, truth, known, np.array(said, np.float32).reshape(-1, len(LABELS)))

    def targets(self, chosen: NDArray[np.intp], smoothing: float, trust: float) -> Rows:
        """What the network is to say (n, labels): the truth, smoothed over known labels, and the teacher's share."""
        known = self.known[chosen]
        hard = np.eye(known.shape[1], dtype=np.float32)[self.truth[chosen]]
        soft = (1 - smoothing) * hard + smoothing * known / known.sum(axis=1, keepdims=True)
        said = self.taught[chosen]
        heard = np.isfinite(said).all(axis=1, keepdims=True)
        wanted: Rows = np.where(heard, (1 - trust) * soft + trust * np.nan_to_num(said), soft).astype(np.float32)
        return wanted

    def epoch(self, rng: Generator, draws: int, shares: Mapping[str, float]) -> NDArray[np.intp]:
        """Indices of `draws` clips in random order: corpora by their shares, and within each its labels alike."""
        corpora = np.array([clip.utterance.corpus for clip in self.clips])
        there = {name: share for name, share in shares.items() if (corpora == name).any()}
        chosen: list[NDArray[np.intp]] = []
        for name, share in there.items():
            own = np.flatnonzero(corpora == name)
            labels = sorted(set(self.truth[own].tolist()))
            each = -(-round(draws * share / sum(there.values())) // len(labels))
            chosen += [_repeated(rng, own[self.truth[own] == label], each) for label in labels]
        order: NDArray[np.intp] = rng.permutation(np.concatenate(chosen))[:draws]
        return order


def _repeated(rng: Generator, items: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """`count` of the items, each as often as any other, give or take one."""
    rounds = -(-count // len(items))
    return np.concatenate([rng.permutation(items) for _ in range(rounds)])[:count]
