"""What is done to a clip before the model hears it: another gain, noise, a room, a telephone.

The same clip under the same condition is the same samples: what is drawn is drawn from a generator seeded with
the clip's name. Noise of one clip is the same sound at every ratio, so that ratios are compared, not sounds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.random import Generator

from model_build.clips import acoustics
from model_build.clips.speech import active, level, load, recordings
from model_build.clips.streams import BABY
from model_build.corpora import Utterance
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.files import cache
from serd.block import Samples

ROOM_S = (0.3, 0.8)
"""RT60 of the rooms."""

Kind = Literal["clean", "gain", "16 bits", "clipped", "noise", "room", "telephone"]


@dataclass(frozen=True)
class Condition:
    """One way to hear a clip."""

    kind: Kind
    db: float = 0.0
    """The gain; of `noise` the ratio of the speech's active level to the noise."""
    noises: tuple[Utterance, ...] = ()
    """What `noise` is drawn from."""

    @property
    def name(self) -> str:
        """`gain -20 dB`, `room`, ..."""
        return self.kind if self.kind in ("clean", "room", "telephone") else f"{self.kind} {self.db:g} dB"

    @property
    def key(self) -> str:
        """Tells it from all others: a file's name."""
        return cache.key(self.kind, self.db, [noise.name for noise in self.noises])

    def apply(self, clip: Utterance, samples: Samples) -> Samples:
        """The clip's samples (n,) as they reach the model; float is not clipped at ±1 but where it says so."""
        heard = samples
        match self.kind:
            case "gain":
                heard = _gained(samples, self.db)
            case "16 bits":
                heard = _in_16_bits(_gained(samples, self.db))
            case "clipped":
                heard = np.clip(_gained(samples, self.db), -1, 1)
            case "noise":
                heard = _noisy(samples, self.noises[int(_rng(clip, "noise").integers(len(self.noises)))], self.db)
            case "room":
                heard = acoustics.in_room(samples, acoustics.room(_rng(clip, "room"), *ROOM_S))
            case "telephone":
                heard = acoustics.telephone(samples)
        return heard.astype(np.float32)


CLEAN = Condition("clean")
GAINS = tuple(Condition("gain", db) for db in (-20.0, -10.0, -5.0, 5.0, 10.0))
APART = (Condition("16 bits", -30.0), Condition("clipped", 10.0))
"""Gains that lose something of the signal."""
SNRS_DB = (20.0, 10.0, 5.0)
CHANNELS = (Condition("room"), Condition("telephone"))


def noisy(subject: ModelUnderTest) -> tuple[Condition, ...]:
    """Noise at each of SNRS_DB from the folds of ESC-10 that neither network was trained on, without baby cries.

    Empty where there is no such fold. Raises UsageError without ESC-10.
    """
    noises = recorded(subject)
    return tuple(Condition("noise", db, noises) for db in SNRS_DB) if noises else ()


def recorded(subject: ModelUnderTest) -> tuple[Utterance, ...]:
    """Sounds of the folds of ESC-10 that neither network was trained on, without baby cries.

    Raises UsageError without ESC-10.
    """
    folds = subject.unheard_folds()
    return tuple(u for u in recordings(subject.data, "esc-10") if u.fold in folds and u.sound != BABY)


def _gained(samples: Samples, db: float) -> Samples:
    return samples * np.float32(10 ** (db / 20))


def _in_16_bits(samples: Samples) -> Samples:
    whole = np.clip(np.rint(samples * 32768), -32768, 32767).astype(np.int16)
    return whole.astype(np.float32) / np.float32(32768)


def _noisy(samples: Samples, noise: Utterance, snr_db: float) -> Samples:
    """Mix as `detector.cascade.speech_stream` does: the noise's RMS over the clip against the active speech."""
    sound = acoustics.unit(np.resize(_load(noise), len(samples)))
    return samples + sound * np.float32(level(samples, active(samples)) * 10 ** (-snr_db / 20))


def _rng(clip: Utterance, purpose: str) -> Generator:
    digest = hashlib.sha256(f"{purpose}\0{clip.corpus}\0{clip.name}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


@lru_cache(maxsize=512)
def _load(noise: Utterance) -> Samples:
    return load(noise)
