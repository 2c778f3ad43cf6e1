"""A conversation made of clips: joined with pauses over low noise, and the time line of who says what when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from model_build.clips import acoustics as noise
from model_build.clips.speech import RATE, STEP, activity, load
from model_build.clips.streams import as16, silence
from model_build.corpora import Utterance
from serd.block import Samples

PAUSES_S = (0.5, 2.0)
"""Between two clips, beside the silence that they bring along."""
ROOM_DB = -50.0
"""Room tone, against the scene's median clip while it speaks."""
NOISE_DB = (-35.0, -25.0)
"""Recorded noise, each recording of its own level. A calm voice lies some 20 dB below the median clip."""
FAINTEST = 1e-5
"""RMS at which a clip of digital silence is taken to speak."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One clip on the time line."""

    name: str
    speaker: str
    emotion: str
    """Empty where the corpus is not about emotion."""
    onset_s: float
    end_s: float
    """Start and end of the clean clip's speech, by its energy."""
    until_s: float
    """Where the next clip begins: frames up to there are this one's."""

    @property
    def speech_s(self) -> float:
        """How long it speaks, its own short pauses counted."""
        return self.end_s - self.onset_s


@dataclass(frozen=True)
class Conversation:
    """A stream with a known time line."""

    samples: Samples
    """(n,) at 16 kHz, in steps of 16 bits, whole strides."""
    turns: tuple[Turn, ...]


def conversation(rng: Generator, clips: Sequence[Utterance], noises: Sequence[Samples] = ()) -> Conversation:
    """Clips at their own levels in the order given, with room tone, and the noises end to end below all of it."""
    parts, turns, levels, at = [silence(_pause(rng))], list[Turn](), list[float](), 0
    at = len(parts[0])
    for clip in clips:
        samples = load(clip)
        spoken = np.flatnonzero(activity(samples, RATE, STEP))
        first, last = (int(spoken[0]) * STEP, (int(spoken[-1]) + 1) * STEP) if len(spoken) else (0, len(samples))
        heard = samples[first:last]
        levels.append(max(float(np.sqrt(np.mean(np.square(heard, dtype=np.float64)))), FAINTEST))
        pause = _pause(rng)
        until = at + len(samples) + pause
        extent = (at + first, at + min(last, len(samples)), until)
        turns.append(Turn(clip.name, clip.speaker, clip.emotion or "", *(place / RATE for place in extent)))
        parts += [samples, silence(pause)]
        at = until
    stream = np.concatenate(parts)
    level = float(np.median(levels)) if levels else FAINTEST
    stream += _gain(level, ROOM_DB) * noise.power_law(rng, len(stream), float(rng.uniform(1, 2)))
    if noises:
        stream += np.float32(level) * _background(rng, len(stream), noises)
    return Conversation(as16(stream), tuple(turns))


def _background(rng: Generator, n: int, noises: Sequence[Samples]) -> Samples:
    parts: list[Samples] = []
    while sum(map(len, parts)) < n:
        sound = noise.unit(noises[int(rng.integers(len(noises)))])
        parts.append(sound * _gain(1.0, float(rng.uniform(*NOISE_DB))))
    return np.concatenate(parts)[:n]


def _gain(level: float, db: float) -> np.float32:
    return np.float32(level * 10 ** (db / 20))


def _pause(rng: Generator) -> int:
    return round(float(rng.uniform(*PAUSES_S)) * RATE)
