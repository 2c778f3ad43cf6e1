"""What a default model learns from: clips of several corpora, and what is known of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.clips.features import Clip
from model_build.corpora.ravdess import LABELS
from serd.inference.frontend import Rows


@dataclass(frozen=True, eq=False)
class Examples:
    """Clips with an emotion among LABELS."""

    clips: tuple[Clip, ...]
    truth: NDArray[np.intp]
    """Index of each clip's label (n,)."""
    corpus: NDArray[np.str_]
    """The corpus of each clip (n,)."""
    known: NDArray[np.bool_]
    """Which labels the clip's corpus has (n, labels): of the others it says nothing. One with a single label has none
    to tell it from, and is told from all."""

    @classmethod
    def make(cls, clips: Sequence[Clip]) -> Examples:
        """Clips without a label among ours are left out."""
        chosen = tuple(clip for clip in clips if clip.utterance.emotion in LABELS)
        truth = np.array([LABELS.index(str(clip.utterance.emotion)) for clip in chosen], np.intp)
        corpora = np.array([clip.utterance.corpus for clip in chosen])
        known = np.zeros((len(chosen), len(LABELS)), bool)
        for corpus in set(corpora.tolist()):
            of_corpus = corpora == corpus
            there = sorted(set(truth[of_corpus].tolist()))
            known[np.ix_(of_corpus, there if len(there) > 1 else range(len(LABELS)))] = True
        return cls(chosen, truth, corpora, known)

    def targets(self, smoothing: float) -> Rows:
        """What a network is to say of each (n, labels): the truth, of which a share goes to all known labels alike."""
        hard = np.eye(self.known.shape[1], dtype=np.float32)[self.truth]
        soft: Rows = (1 - smoothing) * hard + smoothing * self.known / self.known.sum(axis=1, keepdims=True)
        return soft.astype(np.float32)

    def by_corpus(
        self, indices: NDArray[np.intp], shares: Mapping[str, float]
    ) -> Iterator[tuple[NDArray[np.intp], float]]:
        """Those of these clips that are of each corpus with a share, and their share of all that is heard: 1 in sum."""
        parts = [(indices[self.corpus[indices] == name], share) for name, share in shares.items()]
        total = sum(share for of_corpus, share in parts if len(of_corpus))
        yield from ((of_corpus, share / total) for of_corpus, share in parts if len(of_corpus))

    def epoch(
        self, rng: Generator, indices: NDArray[np.intp], draws: int, shares: Mapping[str, float]
    ) -> NDArray[np.intp]:
        """Indices of `draws` of these clips in random order: corpora by their shares, in each its labels alike."""
        chosen: list[NDArray[np.intp]] = []
        for of_corpus, share in self.by_corpus(indices, shares):
            labels = sorted(set(self.truth[of_corpus].tolist()))
            each = -(-round(draws * share) // len(labels))
            chosen += [_repeated(rng, of_corpus[self.truth[of_corpus] == label], each) for label in labels]
        order: NDArray[np.intp] = rng.permutation(np.concatenate(chosen))[:draws]
        return order


def _repeated(rng: Generator, items: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """`count` of the items, each as often as any other, give or take one."""
    rounds = -(-count // len(items))
    return np.concatenate([rng.permutation(items) for _ in range(rounds)])[:count]
