"""Which clips are listened to: all, or a sample in which every emotion counts alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from model_build.clips.speech import recordings
from model_build.corpora import Utterance
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Exposure
from model_build.statistics.predictions import FOUR, Classes

IN_DOMAIN = "ravdess-speech"
"""Judged on each of the model's labels ..."""
CROSS_CORPUS = ("emo-db", "urdu", "ased", "nemo")
"""... and these on the four classes that corpora share."""
SAMPLE = 200
"""Clips of each corpus but IN_DOMAIN that are listened to under all conditions, not only clean."""
QUICK_IN_DOMAIN, QUICK_CROSS_CORPUS = 16, 8
"""Clips of a corpus in a quick evaluation."""
SEED = 4


@dataclass(frozen=True)
class Part:
    """Clips of one corpus whose speakers the model has all heard, or none of them."""

    corpus: str
    heard: Exposure
    classes: Classes
    clips: tuple[Utterance, ...]

    @property
    def speakers(self) -> int:
        """How many speak."""
        return len({clip.speaker for clip in self.clips})


def parts(subject: ModelUnderTest, quick: bool, sample: bool) -> tuple[Part, ...]:
    """IN_DOMAIN, then CROSS_CORPUS, split into speakers unseen and seen; with `sample` at most SAMPLE clips of these,
    and of either at most as many as the subject allows.

    Raises UsageError for a corpus that is not there.
    """
    labels = subject.contract.labels
    chosen = list[Part]()
    for corpus in (IN_DOMAIN, *CROSS_CORPUS):
        classes = tuple((label,) for label in labels) if corpus == IN_DOMAIN else FOUR
        labelled = [u for u in recordings(subject.data, corpus) if any(u.emotion in labels_of for labels_of in classes)]
        if quick:
            labelled = stratified(labelled, QUICK_IN_DOMAIN if corpus == IN_DOMAIN else QUICK_CROSS_CORPUS)
        else:
            limits = (subject.most, SAMPLE if sample and corpus != IN_DOMAIN else None)
            most = min((limit for limit in limits if limit is not None), default=len(labelled))
            labelled = stratified(labelled, most)
        for heard in ("unseen", "seen"):
            clips = tuple(u for u in labelled if subject.heard(corpus, [u.speaker]) == heard)
            if clips:
                chosen.append(Part(corpus, heard, classes, clips))
    return tuple(chosen)


def in_domain(all_parts: Sequence[Part]) -> list[Part]:
    """The parts of IN_DOMAIN."""
    return [part for part in all_parts if part.corpus == IN_DOMAIN]


def cross_corpus(all_parts: Sequence[Part]) -> Iterator[tuple[Exposure, list[Part]]]:
    """The other corpora's parts, those with unseen speakers and those with seen ones."""
    for heard in ("unseen", "seen"):
        alike = [part for part in all_parts if part.corpus != IN_DOMAIN and part.heard == heard]
        if alike:
            yield heard, alike


def stratified(utterances: Sequence[Utterance], count: int) -> list[Utterance]:
    """At most `count` of them, as many of each emotion as there are, in their own order."""
    order, seen = np.random.default_rng(SEED).permutation(len(utterances)), Counter[str | None]()
    ranks = list[tuple[int, int, int]]()
    for k in order:
        emotion = utterances[k].emotion
        ranks.append((seen[emotion], len(ranks), int(k)))
        seen[emotion] += 1
    return [utterances[k] for k in sorted(k for _, _, k in sorted(ranks)[:count])]
