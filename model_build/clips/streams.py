"""Streams of sound in which nobody speaks: recorded clips end to end and mixed, and steady sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

import numpy as np
from numpy.random import Generator

from model_build.clips import acoustics as noise
from model_build.clips.speech import RATE, STRIDE, load
from model_build.corpora import Utterance
from serd.block import Samples

BABY = "baby cry"
"""The one sound of ESC-10 that is a voice."""


GAINS_DB = (-30, -20, -10, 0, 10)
APART = {"baby cry": "baby cries", "person sneeze": "sneezes"}


def noise_streams(
    rng: Generator, chosen: Sequence[Utterance], gains_db: Sequence[float] = GAINS_DB
) -> Iterator[tuple[str, Samples]]:
    """Clips without speech in random order, end to end, at each gain; then mixed in pairs.

    Baby cries and sneezes stand apart.
    """
    kinds = {"noise": [c for c in chosen if c.sound not in APART]}
    kinds |= {name: [c for c in chosen if c.sound == kind] for kind, name in APART.items()}
    for name, members in kinds.items():
        loaded = [load(c) for c in members]
        for gain in gains_db if loaded else ():
            order = rng.permutation(len(loaded))
            yield name, as16(np.concatenate([loaded[k] for k in order]), gain)
            if name == "noise":
                pairs = zip(order, rng.permutation(len(loaded)), rng.uniform(-10, 0, len(loaded)), strict=True)
                yield "mixtures", as16(np.concatenate([_mixed(loaded[a], loaded[b], db) for a, b, db in pairs]), gain)


def made_streams(rng: Generator, seconds: float) -> Iterator[tuple[str, Samples]]:
    """Steady sounds, `seconds` of each: silence, dither; hum and noise in equal parts at all gains."""
    yield "digital silence", silence(int(seconds) * RATE)
    yield "dither", (rng.integers(-1, 2, int(seconds) * RATE) / 32768).astype(np.float32)
    makers: tuple[tuple[str, Callable[[int], Samples]], ...] = (
        ("hum 50 Hz", lambda n: noise.hum(rng, n, 50.0)),
        ("hum 60 Hz", lambda n: noise.hum(rng, n, 60.0)),
        ("pink noise", lambda n: noise.power_law(rng, n, 1.0)),
        ("white noise", lambda n: noise.power_law(rng, n, 0.0)),
    )
    for (name, make), gain in product(makers, GAINS_DB):
        yield name, as16(make(int(seconds * RATE / len(GAINS_DB))) / np.float32(8), gain)


def as16(samples: Samples, gain_db: float = 0.0) -> Samples:
    """Whole strides, amplified, clipped where too loud, rounded to 16 bits."""
    scaled = np.round(np.clip(samples * 10 ** (gain_db / 20), -1, 1) * 32767) / 32768
    rounded: Samples = scaled[: len(scaled) // STRIDE * STRIDE].astype(np.float32)
    return rounded


def silence(n: int) -> Samples:
    """n samples of nothing."""
    return np.zeros(n, np.float32)


def _mixed(one: Samples, other: Samples, db: float) -> Samples:
    n = min(len(one), len(other))
    mixed = noise.unit(one[:n]) + np.float32(10 ** (db / 20)) * noise.unit(other[:n])
    return (0.1 * mixed).astype(np.float32)
