"""A `Source` that never ends by itself: minutes of sound of every kind, again and again."""

from __future__ import annotations

import sys
import time

import numpy as np
import soundfile

from serd.audio.source import EndOfStream, KeepAlive, never_abort
from serd.block import Block, Samples
from tools.checkout import CORPORA, DEMO
from tools.soak.resources import ResourceUse

RATE = 16000
BLOCK_S = 0.5
LOOK_S = 60.0
"""Seconds of stream between two looks at the process."""


class Loop:
    """A `Source`: the same minutes of sound again and again, for `hours`; a gap an hour. Looks at its own process."""

    name, native_rate, channels = "soak", RATE, 1

    def __init__(self, samples: Samples, hours: float) -> None:
        self._samples, self._end = samples, round(hours * 3600 * RATE)
        self._size = round(BLOCK_S * RATE)
        self._place = self._looked = self._told = 0
        self._began = time.monotonic()
        self.looks = ResourceUse()

    def open(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """Nothing to open."""

    def close(self, _meanwhile: KeepAlive = never_abort, /) -> None:
        """Nothing to close."""

    def read(self, timeout: float) -> Block:  # noqa: ARG002  # never waits
        """The next half second. Raises EndOfStream after `hours`."""
        if self._place >= self._end:
            raise EndOfStream("soak: enough")
        if self._place >= self._looked:
            self.looks.take(self._place / RATE / 3600)
            self._looked = self._place + round(LOOK_S * RATE)
        if self._place >= self._told:
            passed = time.monotonic() - self._began
            print(f"  {self._place / RATE / 3600:5.1f} h of stream after {passed:6.0f} s", file=sys.stderr, flush=True)
            self._told = self._place + 3600 * RATE
        at = self._place % len(self._samples)
        samples = self._samples[at : at + self._size]
        gap = self._place > 0 and self._place % (3600 * RATE) < self._size
        block = Block(samples, self._place, gap, time.monotonic())
        self._place += len(samples)
        return block


def mixture() -> Samples:
    """Minutes of speech (real where the corpora are), the demonstration, noise, silence and clipping."""
    chance = np.random.default_rng(7)
    demo, _ = soundfile.read(DEMO, dtype="float32")
    parts: list[Samples] = [demo]
    clips = sorted((CORPORA / "ravdess-speech").glob("Actor_*/*"))
    for k in range(0, min(len(clips), 1440), 24):
        clip, rate = soundfile.read(clips[k], dtype="float32", always_2d=True)
        if rate == RATE:
            parts += [clip[:, 0], chance.normal(0, 0.001, RATE).astype(np.float32)]
    parts += [chance.normal(0, level, 10 * RATE).astype(np.float32) for level in (0.003, 0.03, 0.3)]
    parts += [np.zeros(10 * RATE, np.float32), np.clip(demo[: 10 * RATE] * 30, -1, 1)]
    mixed: Samples = np.concatenate(parts)
    return mixed[: len(mixed) // (RATE // 2) * (RATE // 2)]  # whole blocks
