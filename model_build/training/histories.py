"""What a test clip's reference is made of: other clips of a person, by a rule, never of the same sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import Utterance
from model_build.experiments.reference_recipe import NEUTRAL
from model_build.files import cache

LONGEST_S = 60.0
"""Speech in a history, at most."""

Rule = Literal["neutral", "mixed", "wrong person", "other microphone", "anger"]
"""What a history is made of:

- neutral: the person's neutral and calm clips.
- mixed: all of the person's clips, as balanced over emotions as their corpus is.
- wrong person: neutral and calm clips of somebody else of the corpus.
- other microphone: as neutral, each clip heard through a telephone.
- anger: the person's angry clips.
"""
RULES: tuple[Rule, ...] = ("neutral", "mixed", "wrong person", "other microphone", "anger")


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

        Where they hold more than LONGEST_S, some are drawn: the same ones on every call.
        """
        clip = self._clips[tested]
        rng = np.random.default_rng([int(cache.key(clip.corpus, clip.name)[:8], 16), RULES.index(rule)])
        person = clip.group
        if rule == "wrong person":
            others = sorted(self._persons.keys() - {person})
            person = others[int(rng.integers(len(others)))] if others else ""
        wanted = {"mixed": None, "anger": ("angry",)}.get(rule, NEUTRAL)
        among = [
            k
            for k in self._persons.get(person, ())
            if k != tested
            and self._seconds[k] > 0
            and (wanted is None or self._clips[k].emotion in wanted)
            and _sentence(self._clips[k]) != _sentence(clip)
        ]
        chosen, total = list[int](), 0.0
        for k in rng.permutation(among).tolist():
            if total + self._seconds[k] <= LONGEST_S:
                chosen.append(int(k))
                total += float(self._seconds[k])
        return sorted(chosen)


def _sentence(clip: Utterance) -> str:
    """What is said; a clip of which it is not known says something of its own."""
    return f"text {clip.text}" if clip.text else f"clip {clip.name}"
