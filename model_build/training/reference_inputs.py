"""What a head that knows a reference learns from: windows of persons who are known, and what each may refer to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_build.clips import lines
from model_build.corpora import Utterance
from model_build.evaluation.condition import CLEAN
from model_build.experiments.head_recipe import HeadRecipe
from model_build.experiments.reference_recipe import NEUTRAL
from model_build.training.encoded_clips import EncodedClips
from model_build.training.encoder_states import LINES, States
from model_build.training.head_inputs import HeadInputs, learned_from
from model_build.training.reference_draws import Spoken


@dataclass(frozen=True, eq=False)
class ReferenceInputs:
    """Windows to learn from, and what is known of each, in the same order."""

    inputs: HeadInputs
    spoken: Spoken

    @classmethod
    def make(
        cls,
        recipe: HeadRecipe,
        encoded: Mapping[str, Mapping[str, EncodedClips]],
        chosen: Callable[[Utterance], bool],
    ) -> ReferenceInputs:
        """The chosen clips that may train, by corpus and by the ways in which they were heard, clean windows among
        them."""
        joined, columns = dict[str, EncodedClips](), list[tuple[list[object], ...]]()
        for corpus, _ in recipe.shares:
            ways = encoded[corpus]
            states = States(*(_column(ways.values(), name) for name in ("clip", "heard_s", "statistics")))
            joined[corpus] = EncodedClips(ways[CLEAN.name].clips, states)
            kept = learned_from(recipe, joined[corpus], chosen)
            told = [known for kind, way in ways.items() for known in _told(kind, way, seconds(ways[CLEAN.name]))]
            columns += [known for known, learned in zip(told, kept, strict=True) if learned]
        clip, text, line, neutral, heard = zip(*columns, strict=True)
        spoken = Spoken(_numbered(clip), _numbered(text), _numbered(line), np.array(neutral), np.array(heard, float))
        return cls(HeadInputs.make(recipe, joined, chosen), spoken)


def seconds(clean: EncodedClips) -> NDArray[np.float64]:
    """Speech of each clip (clips,): that of its fullest window, so of a clip longer than a window it is a part."""
    longest = np.zeros(len(clean.clips))
    np.maximum.at(longest, clean.states.clip, clean.states.heard_s)
    return longest


def _told(kind: str, way: EncodedClips, spoken_s: NDArray[np.float64]) -> list[tuple[object, ...]]:
    """Clip, sentence, line, whether it is neutral, and seconds of each window."""
    told = []
    for k, heard_s in zip(way.states.clip, way.states.heard_s, strict=True):
        clip = way.clips[k]
        line = lines.line(int(kind.removeprefix(LINES)), clip) if kind.startswith(LINES) else (kind, clip.group)
        text = (clip.corpus, clip.text or clip.name)
        told.append(
            (
                (clip.corpus, clip.name),
                text,
                line,
                clip.emotion in NEUTRAL,
                heard_s if kind == CLEAN.name else spoken_s[k],
            )
        )
    return told


def _column(ways: object, name: str) -> NDArray[np.generic]:
    return np.concatenate([getattr(way.states, name) for way in ways])


def _numbered(values: Sequence[object]) -> NDArray[np.intp]:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.intp)
