"""What two heads say together of clips: one that knows nothing of the person, and one that knows a reference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from model_build.corpora import Utterance
from model_build.networks.head import features
from model_build.networks.person_reference import SecondHead
from model_build.training.encoded_clips import EncodedClips
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_calibration import Temperatures
from model_build.training.histories import Histories, Rule
from model_build.training.reference_inputs import seconds
from serd.inference.decision import LEAST, Rules, evidence
from serd.inference.frontend import Rows
from serd.inference.model import softmax
from serd.inference.reference import Reference, shares


@dataclass(frozen=True, eq=False)
class ReferenceAnswers:
    """Answers of the head that knows a reference, and how much speech each reference was of."""

    answers: HeadAnswers
    seconds: NDArray[np.float64]
    """(clips,)."""


class ReferenceAsker:
    """The head that knows a reference, asked about clips of one corpus."""

    def __init__(self, second: SecondHead, rules: Rules) -> None:
        self._second, self._rules = second, rules

    def answers(
        self, encoded: EncodedClips, rule: Rule, chosen: Callable[[Utterance], bool], before: EncodedClips | None = None
    ) -> ReferenceAnswers:
        """Answers about the chosen clips, each with its own reference from the clips of its corpus.

        `before`: the same clips as they were heard when the reference was made, if that was otherwise.
        """
        layers = self._second.head.layers
        asked = [k for k, clip in enumerate(encoded.clips) if chosen(clip)]
        known = references(before or encoded, layers, rule, asked)
        logits, weights = list[Rows](), list[NDArray[np.float64]]()
        for k, reference in zip(asked, known, strict=True):
            windows = np.flatnonzero(encoded.states.clip == k)
            own = features(encoded.states.statistics[windows], layers)
            logits.append(self._second.answers(own.astype(np.float32), reference))
            heard_s = encoded.states.heard_s[windows]
            weights.append(np.array([evidence(float(heard), self._rules) for heard in heard_s]))
        of_s = np.array([0.0 if reference is None else reference.seconds for reference in known])
        return ReferenceAnswers(HeadAnswers(tuple(encoded.clips[k] for k in asked), logits, weights), of_s)


def references(
    encoded: EncodedClips, layers: tuple[int, ...], rule: Rule, asked: Sequence[int]
) -> list[Reference | None]:
    """The references of some clips, by their indices, from the other clips as they were heard."""
    spoken_s, voices = seconds(encoded), _means(encoded, layers)
    histories = Histories(encoded.clips, spoken_s)
    return [Reference.of(voices[known], spoken_s[known]) for known in (histories.of(k, rule) for k in asked)]


def scaled(answers: HeadAnswers, divisors: Temperatures) -> HeadAnswers:
    """The answers as of a head whose temperatures are 1: log-probabilities, and log-odds of activation."""
    return HeadAnswers(answers.clips, [_scaled(logits, divisors) for logits in answers.logits], answers.weights)


def blend(without: HeadAnswers, told: HeadAnswers, seconds: NDArray[np.float64], half_s: float) -> HeadAnswers:
    """Scaled answers of both heads about the same clips as of one: the more seconds are known, the more the second's.

    Log-probabilities and log-odds are averaged; of `half_s` seconds (n,) both count alike, of none the first's alone.
    """
    blended = [
        ((1 - share) * first + share * second).astype(np.float32)
        for first, second, share in zip(without.logits, told.logits, shares(seconds, half_s), strict=True)
    ]
    return HeadAnswers(without.clips, blended, without.weights)


def _scaled(logits: Rows, divisors: Temperatures) -> Rows:
    labels = np.log(np.maximum(softmax(logits[:, :-1] / divisors.labels), LEAST))
    rows: Rows = np.concatenate([labels, logits[:, -1:] / divisors.activation], axis=1)
    return rows


def _means(encoded: EncodedClips, layers: tuple[int, ...]) -> Rows:
    """Features of each clip (clips, features), the mean over its windows weighed by their speech; 0 without any."""
    states, count = encoded.states, len(encoded.clips)
    weight = np.bincount(states.clip, states.heard_s, count)[states.clip]
    shares = (states.heard_s / np.maximum(weight, LEAST)).astype(np.float32)
    place = (states.clip, np.arange(len(states.clip)))
    summed = scipy.sparse.csr_array((shares, place), shape=(count, len(states.clip)))
    means: Rows = summed @ features(states.statistics, layers).astype(np.float32)
    return means
