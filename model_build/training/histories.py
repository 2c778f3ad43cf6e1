"""What a test clip's reference is made of: other clips of a person, by a rule, never of the same sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import Utterance
from model_build.experiments.reference_recipe import NEUTRAL
from model_build.files import cache

LONGEST_S = 60.0
"""Speech in a history, at most."""

Rule = Literal["neutral", "mixed", "wrong person", "other microphone", "anger", "causal stream", "two people"]
"""What a history is made of:

- neutral: the person's neutral and calm clips.
- mixed: all of the person's clips, as balanced over emotions as their corpus is.
- wrong person: neutral and calm clips of somebody else of the corpus.
- other microphone: as neutral, each clip heard through a telephone.
- anger: the person's angry clips.
- causal stream: what was heard before in a stream of all the person's clips, in random order.
- two people: the same where somebody else's clips are among the person's.
"""
STREAMS: tuple[Rule, ...] = ("causal stream", "two people")
RULES: tuple[Rule, ...] = ("neutral", "mixed", "wrong person", "other microphone", "anger", *STREAMS)


class Histories:
    """Histories of the clips of one corpus."""

    def __init__(self, clips: Sequence[Utterance], seconds: NDArray[np.float64]) -> None:
        """`seconds` is the speech of each clip (clips,); one without any is in no history."""
        self._clips, self._seconds = clips, seconds
        self._persons: dict[str, list[int]] = {}
        for k, clip in enumerate(clips):
            self._persons.setdefault(clip.group, []).append(k)

    def of(self, tested: int, rule: Rule) -> list[int]:
        """Indices of the clips in the history of the one tested, in their order.

        Where they hold more than LONGEST_S, some are drawn, the same ones on every call; of a stream the last.
        """
        clip = self._clips[tested]
        rng = np.random.default_rng([int(cache.key(clip.corpus, clip.name)[:8], 16), RULES.index(rule)])
        if rule in STREAMS:
            return self._taken(tested, reversed(self._before(tested, rule)))
        person = clip.group
        if rule == "wrong person":
            others = sorted(self._persons.keys() - {person})
            person = others[int(rng.integers(len(others)))] if others else ""
        wanted = {"mixed": None, "anger": ("angry",)}.get(rule, NEUTRAL)
        among = [k for k in self._persons.get(person, ()) if wanted is None or self._clips[k].emotion in wanted]
        return self._taken(tested, [among[k] for k in rng.permutation(len(among))])

    def _before(self, tested: int, rule: Rule) -> list[int]:
        """What a stream held before the tested clip, in turn: the same stream for all clips of the person."""
        person = self._clips[tested].group
        rng = np.random.default_rng([int(cache.key(self._clips[tested].corpus, person)[:8], 16), RULES.index(rule)])
        stream, others = list(self._persons[person]), sorted(self._persons.keys() - {person})
        if rule == "two people" and others:
            stream += self._persons[others[int(rng.integers(len(others)))]]
        ordered = [stream[k] for k in rng.permutation(len(stream))]
        return ordered[: ordered.index(tested)]

    def _taken(self, tested: int, among: Iterable[int]) -> list[int]:
        """As many of these as LONGEST_S holds, the first ones first, without the tested clip and its sentence."""
        chosen, total = list[int](), 0.0
        for k in among:
            fits = 0 < self._seconds[k] <= LONGEST_S - total
            if k != tested and fits and _sentence(self._clips[k]) != _sentence(self._clips[tested]):
                chosen.append(k)
                total += float(self._seconds[k])
        return sorted(chosen)


def _sentence(clip: Utterance) -> str:
    """What is said; a clip of which it is not known says something of its own."""
    return f"text {clip.text}" if clip.text else f"clip {clip.name}"
