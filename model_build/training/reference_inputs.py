"""What a head that knows a reference learns from: windows of persons who are known, and what each may refer to."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
from model_build.training.reference_draws import WindowFacts


@dataclass(frozen=True, eq=False)
class ReferenceInputs:
    """Windows to learn from, and what is known of each, in the same order."""

    inputs: HeadInputs
    spoken: WindowFacts

    @classmethod
    def make(
        cls,
        recipe: HeadRecipe,
        encoded: Mapping[str, Mapping[str, EncodedClips]],
        chosen: Callable[[Utterance], bool],
    ) -> ReferenceInputs:
        """The chosen clips that may train, by corpus and by how they were heard, in clean windows among others."""
        joined, windows = dict[str, EncodedClips](), list[_Window]()
        for corpus, _ in recipe.shares:
            ways = encoded[corpus]
            joined[corpus] = _joined(list(ways.values()))
            kept = learned_from(recipe, joined[corpus], chosen)
            spoken_s = seconds(ways[CLEAN.name])
            every = [window for kind, way in ways.items() for window in _windows(kind, way, spoken_s)]
            windows += [window for window, learned in zip(every, kept, strict=True) if learned]
        spoken = WindowFacts(
            clip=_numbered([window.clip for window in windows]),
            text=_numbered([window.text for window in windows]),
            line=_numbered([window.line for window in windows]),
            neutral=np.array([window.neutral for window in windows], bool),
            seconds=np.array([window.seconds for window in windows], np.float64),
        )
        return cls(HeadInputs.make(recipe, joined, chosen), spoken)


class _Window(NamedTuple):
    clip: Hashable
    text: Hashable
    line: Hashable
    neutral: bool
    seconds: float


def seconds(clean: EncodedClips) -> NDArray[np.float64]:
    """Speech of each clip (clips,): that of its fullest window, so of a clip longer than a window it is a part."""
    longest = np.zeros(len(clean.clips))
    np.maximum.at(longest, clean.states.clip, clean.states.heard_s)
    return longest


def _windows(kind: str, way: EncodedClips, spoken_s: NDArray[np.float64]) -> list[_Window]:
    """What is known of each window; of a view's speech, that it is the clip's (clips,)."""
    windows = []
    for k, heard_s in zip(way.states.clip, way.states.heard_s, strict=True):
        clip = way.clips[k]
        line = lines.line(int(kind.removeprefix(LINES)), clip) if kind.startswith(LINES) else clip.group
        window = _Window(
            clip=(clip.corpus, clip.name),
            text=(clip.corpus, clip.text or clip.name),
            line=(kind, line),
            neutral=clip.emotion in NEUTRAL,
            seconds=float(heard_s if kind == CLEAN.name else spoken_s[k]),
        )
        windows.append(window)
    return windows


def _joined(ways: Sequence[EncodedClips]) -> EncodedClips:
    """The windows of all ways in which the same clips were heard."""
    clip, heard_s = (np.concatenate([getattr(way.states, name) for way in ways]) for name in ("clip", "heard_s"))
    return EncodedClips(ways[0].clips, States(clip, heard_s, np.concatenate([way.states.statistics for way in ways])))


def _numbered(values: Sequence[Hashable]) -> NDArray[np.intp]:
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], np.intp)
