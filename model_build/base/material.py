"""Clips of corpora with the states that are kept of them: what heads learn from, and what tries them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.base import states
from model_build.base.fit import Lessons
from model_build.base.head import ACTIVE, CALMER, Head, numbers
from model_build.base.recipe import FREE, PLAIN, READING, Base
from model_build.base.states import States
from model_build.clips import speech
from model_build.corpora import Utterance
from model_build.corpora.ravdess import LABELS
from model_build.statistics.metrics import Probabilities
from serd.inference.decision import Rules, evidence
from serd.inference.frontend import Rows
from serd.inference.model import sigmoid
from serd.scoring.clip import clip_probabilities

CLEAN = "clean"


def utterances(corpus: str, data: Path) -> tuple[Utterance, ...]:
    """All of a corpus; plain speech as neutral. Raises UsageError."""
    found = speech.recordings(data, corpus)
    return tuple(dataclasses.replace(own, emotion="neutral") for own in found) if corpus in (*PLAIN, READING) else found


def free(clip: Utterance) -> bool:
    """Whether its licence lets it train."""
    return clip.corpus not in FREE or clip.speaker in FREE[clip.corpus]


@dataclass(frozen=True, eq=False)
class Heard:
    """Clips of one corpus, heard in some ways."""

    clips: tuple[Utterance, ...]
    states: States

    @classmethod
    def read(cls, clips: Sequence[Utterance], kinds: Sequence[str], place: Path) -> Heard:
        """What is kept of them. Raises UsageError if nothing is."""
        every = [states.read(place, states.parts(kind, clips)) for kind in kinds]
        columns = (np.concatenate([getattr(own, name) for own in every]) for name in ("clip", "heard_s", "statistics"))
        return cls(tuple(clips), States(*columns))

    def of(self, chosen: Callable[[Utterance], bool]) -> NDArray[np.bool_]:
        """Which windows are of such clips (n,)."""
        wanted = np.array([chosen(clip) for clip in self.clips])
        found: NDArray[np.bool_] = wanted[self.states.clip]
        return found


def lessons(recipe: Base, heard: dict[str, Heard], chosen: Callable[[Utterance], bool]) -> Lessons:
    """What a head learns from the chosen clips that may train, corpora by their shares and in each its labels alike."""
    columns: dict[str, list[NDArray[np.generic]]] = {name: [] for name in ("numbers", "label", "known", "active")}
    stratum, shares = list[NDArray[np.intp]](), list[float]()
    for corpus, share in recipe.shares:
        own = heard[corpus]
        label = np.array([_index(recipe, clip) for clip in own.clips])
        active = np.array([activation(clip) for clip in own.clips])
        kept = own.of(lambda clip: chosen(clip) and free(clip)) & ((label >= 0) | (active >= 0))[own.states.clip]
        if not kept.any():
            continue
        clip = own.states.clip[kept]
        there = sorted(set(label[label >= 0].tolist()))
        known = np.zeros(len(recipe.labels), bool)
        known[there if len(there) > 1 else slice(None)] = True  # a single label is told from all
        columns["numbers"].append(numbers(own.states.statistics[kept], recipe.layers))
        columns["label"].append(label[clip])
        columns["known"].append(np.broadcast_to(known, (len(clip), len(known))))
        columns["active"].append(active[clip])
        kinds, inverse = np.unique(label[clip], return_inverse=True)
        stratum.append(inverse + len(shares))
        shares += [share / len(kinds)] * len(kinds)
    joined = {name: np.concatenate(values) for name, values in columns.items()}
    return Lessons(**joined, stratum=np.concatenate(stratum), share=np.array(shares))


def activation(clip: Utterance) -> int:
    """1: high, 0: low, -1: it does not tell."""
    return 1 if clip.emotion in ACTIVE else 0 if clip.emotion in CALMER else -1


def _index(recipe: Base, clip: Utterance) -> int:
    return recipe.labels.index(clip.emotion) if clip.emotion in recipe.labels else -1


@dataclass(frozen=True, eq=False)
class Said:
    """What a head says of clips, as `serd.score` pools their windows."""

    clips: tuple[Utterance, ...]
    logits: list[Rows]
    """Of each clip's windows (windows, outputs); none where it was not asked."""
    weights: list[NDArray[np.float64]]
    """Evidence of each window."""

    @classmethod
    def make(cls, head: Head, heard: Heard, rules: Rules, chosen: Callable[[Utterance], bool]) -> Said:
        """Of the chosen clips."""
        picked = [k for k, clip in enumerate(heard.clips) if chosen(clip)]
        windows = [np.flatnonzero(heard.states.clip == k) for k in picked]
        if not picked:
            return cls((), [], [])
        order = np.concatenate(windows)
        answers = head.answers(numbers(heard.states.statistics[order], head.layers))
        ends = np.cumsum([len(own) for own in windows])[:-1]
        weights = np.array([evidence(float(heard.states.heard_s[k]), rules) for k in order])
        return cls(tuple(heard.clips[k] for k in picked), np.split(answers, ends), np.split(weights, ends))

    def probabilities(self, temperature: float) -> Probabilities:
        """Of the labels (clips, labels); 0 throughout for a clip that was not asked about."""
        found = []
        for logits, weights in zip(self.logits, self.weights, strict=True):
            windows = _softmax(logits[:, :-1] / temperature)
            clip = clip_probabilities(list(windows), list(weights))
            found.append(np.zeros(logits.shape[1] - 1) if clip is None else clip)
        return np.stack(found) if found else np.zeros((0, len(LABELS)))

    def activation(self, temperature: float) -> NDArray[np.float64]:
        """Probability of high activation (clips,); one half for a clip that was not asked about."""
        pairs = zip(self.logits, self.weights, strict=True)
        odds = [float(np.average(own[:, -1], weights=weights)) if len(own) else 0.0 for own, weights in pairs]
        return sigmoid(np.array(odds) / temperature)


def _softmax(logits: Rows) -> Probabilities:
    from serd.inference.model import softmax

    return softmax(logits) if len(logits) else np.zeros(logits.shape)
