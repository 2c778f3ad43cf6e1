"""Clips of a corpus with the encoder's states that are kept of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.clips import speech
from model_build.corpora import Utterance
from model_build.experiments.head_recipe import FREE, PLAIN, READING
from model_build.networks.head import ACTIVE, CALMER
from model_build.training import encoder_states
from model_build.training.encoder_states import States


def utterances(corpus: str, data: Path) -> tuple[Utterance, ...]:
    """All of a corpus; plain speech as neutral. Raises UsageError."""
    clips = speech.recordings(data, corpus)
    if corpus not in (*PLAIN, READING):
        return clips
    return tuple(dataclasses.replace(clip, emotion="neutral") for clip in clips)


def may_train(clip: Utterance) -> bool:
    """Whether the clip's licence lets it train."""
    return clip.corpus not in FREE or clip.speaker in FREE[clip.corpus]


def activation(clip: Utterance) -> int:
    """Activation by the clip's emotion: 1 high, 0 low, -1 where the emotion does not tell."""
    return 1 if clip.emotion in ACTIVE else 0 if clip.emotion in CALMER else -1


@dataclass(frozen=True, eq=False)
class EncodedClips:
    """Clips of one corpus, heard in some ways, and the states of their windows."""

    clips: tuple[Utterance, ...]
    states: States

    @classmethod
    def read(cls, clips: Sequence[Utterance], kinds: Sequence[str], place: Path) -> EncodedClips:
        """What is kept of the clips. Raises UsageError if nothing is."""
        every = [encoder_states.read(place, encoder_states.shards(kind, clips)) for kind in kinds]
        columns = (
            np.concatenate([getattr(kept, name) for kept in every]) for name in ("clip", "heard_s", "statistics")
        )
        return cls(tuple(clips), States(*columns))

    def windows_of(self, chosen: Callable[[Utterance], bool]) -> NDArray[np.bool_]:
        """Which windows are of such clips (n,)."""
        wanted = np.array([chosen(clip) for clip in self.clips])
        windows: NDArray[np.bool_] = wanted[self.states.clip]
        return windows
