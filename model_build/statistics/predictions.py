"""Answers held against the truth, on the classes that a question is about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import EMOTIONS, Utterance
from model_build.statistics.metrics import Labels, Probabilities

Classes = tuple[tuple[str, ...], ...]
"""Emotions that count as one stand together."""

FOUR: Classes = (("neutral", "calm"), ("happy",), ("sad",), ("angry",))
"""The four classes in which corpora are usually compared."""
WITHOUT_CALM: Classes = (("angry",), ("happy",), ("neutral",), ("sad",))
"""The same with calm left out of the answers and of the test."""


@dataclass(frozen=True, eq=False)
class Scored:
    """Clips of the classes asked about: what was true and what was answered."""

    classes: tuple[str, ...]
    """What each class is called."""
    truth: Labels
    """(n,) indices of classes."""
    answer: Labels
    confidence: NDArray[np.float64]
    """Probability of the answer (n,)."""
    probabilities: Probabilities
    """(n, classes), rows sum to 1."""
    clip: Strings
    group: Strings
    """Speakers: what the bootstrap draws (n,)."""
    gender: Strings
    intensity: Strings

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each answer is (n,)."""
        right: NDArray[np.bool_] = self.truth == self.answer
        return right

    def where(self, chosen: NDArray[np.bool_]) -> Scored:
        """The chosen clips alone."""
        return Scored(
            self.classes,
            *(
                getattr(self, name)[chosen]
                for name in ("truth", "answer", "confidence", "probabilities", "clip", "group", "gender", "intensity")
            ),
        )


def score_answers(answers: Answers, labels: Sequence[str], classes: Classes | None = None) -> Scored:
    """Answers on the classes; by default each label is one. One that is no emotion is never true.

    Clips of other emotions are dropped, and the probability of other labels with them: the rest is
    normalised to 1.
    """
    chosen = classes or tuple((label,) for label in labels)
    index = np.full(len(EMOTIONS), -1)
    for k, members in enumerate(chosen):
        for emotion in members:
            if emotion in EMOTIONS:
                index[EMOTIONS.index(emotion)] = k
    truth = index[answers.emotion]
    kept = truth >= 0
    counted = np.array([[label in members for members in chosen] for label in labels], np.float64)
    mass = answers.probabilities[kept] @ counted
    probabilities = (mass + 1e-9) / (mass + 1e-9).sum(axis=1, keepdims=True)
    return Scored(
        classes=tuple("/".join(members) for members in chosen),
        truth=truth[kept],
        answer=probabilities.argmax(axis=1),
        confidence=probabilities.max(axis=1),
        probabilities=probabilities,
        clip=answers.clip[kept],
        group=answers.group[kept],
        gender=answers.gender[kept],
        intensity=answers.intensity[kept],
    )


def shared(answers: Answers, labels: Sequence[str]) -> Classes:
    """The labels that occur in these answers' truth, each a class of its own."""
    there = {EMOTIONS[k] for k in answers.emotion}
    return tuple((label,) for label in labels if label in there)


def pool(parts: Iterable[Scored]) -> Scored:
    """Clips of several folds as of one test."""
    every = list(parts)
    columns = ("truth", "answer", "confidence", "probabilities", "clip", "group", "gender", "intensity")
    return Scored(every[0].classes, *(np.concatenate([getattr(scored, name) for scored in every]) for name in columns))


Integers = NDArray[np.intp]
Strings = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Answers:
    """Test clips of one corpus, and what a network said of each."""

    corpus: str
    clip: Strings
    """Names (n,)."""
    speaker: Strings
    gender: Strings
    """`female`, `male`, or nothing where the corpus does not say."""
    intensity: Strings
    emotion: Labels
    """Index of the true emotion in `EMOTIONS`."""
    probabilities: Probabilities
    """(n, labels), rows sum to 1 but for rounding."""

    @property
    def group(self) -> Strings:
        """Speakers, told apart across corpora."""
        return np.char.add(f"{self.corpus}/", self.speaker)


def answers(utterances: Sequence[Utterance], probabilities: Probabilities) -> Answers:
    """The answers of clips of one corpus, from probabilities (n, labels)."""
    return Answers(
        corpus=utterances[0].corpus,
        clip=np.array([utterance.name for utterance in utterances]),
        speaker=np.array([utterance.speaker for utterance in utterances]),
        gender=np.array([utterance.gender or "" for utterance in utterances]),
        intensity=np.array([utterance.intensity or "" for utterance in utterances]),
        emotion=np.array([EMOTIONS.index(str(utterance.emotion)) for utterance in utterances], np.intp),
        probabilities=probabilities,
    )


MERGED = ("neutral", "calm")
"""Tested by networks that know either: the reports' four classes put them together."""


def known_to(utterance: Utterance, labels: Sequence[str]) -> bool:
    """Whether a network with these labels can be right about it, "calm" and "neutral" taken as one."""
    emotion = utterance.emotion
    return emotion in labels or (emotion in MERGED and any(label in labels for label in MERGED))
