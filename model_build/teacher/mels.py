"""The teacher's inputs for whole clips, kept by content, and the crops that it is shown.

They are computed once for each recording and front end, and kept as float16: that rounds them by 0.0005 at most,
which is 0.01 dB. A crop that goes beyond its clip goes on in silence.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build import cache
from model_build.audio import read as read_sound
from model_build.features import Clip
from model_build.teacher import frontend
from serd.errors import UsageError
from serd.frontend import Rows

RECIPE = 1
"""Raise it when inputs come out otherwise: kept ones are then made anew."""
FRAMES = 256
"""A crop: 2.56 s."""

Mel = NDArray[np.float16]
"""A whole clip's input (frames, 128)."""
Starts = NDArray[np.intp]


def read(clips: Sequence[Clip], progress: Callable[[int], None] = lambda _: None) -> list[Mel]:
    """The inputs of all clips, in their order. Raises UsageError naming a recording that cannot be used."""
    place = cache.folder("teacher") / cache.key(RECIPE, *_front_end())
    found = []
    for done, clip in enumerate(clips, 1):
        found.append(_read(clip, place / clip.digest[:2] / f"{clip.digest}.npy"))
        progress(done)
    return found


def crops(mels: Sequence[Mel], starts: Starts) -> Rows:
    """FRAMES frames of each clip from its start (n,) on, which may be negative: (n, FRAMES, 128)."""
    cut = np.full((len(mels), FRAMES, frontend.BANDS), frontend.SILENCE, np.float32)
    for out, mel, start in zip(cut, mels, starts, strict=True):
        first, last = max(0, int(start)), max(0, min(len(mel), int(start) + FRAMES))
        if first < last:
            out[first - start : last - start] = mel[first:last]
    return cut


def drawn(rng: Generator, mels: Sequence[Mel]) -> Starts:
    """Where a random crop of each clip begins: within a long clip, around a short one (n,)."""
    spare = np.array([len(mel) - FRAMES for mel in mels], np.intp)
    return rng.integers(np.minimum(0, spare), np.maximum(0, spare) + 1)


def spread(mels: Sequence[Mel], count: int) -> Starts:
    """Where `count` crops of each clip begin, evenly from the first to the last possible one: (n, count)."""
    spare = np.array([[len(mel) - FRAMES] for mel in mels], np.float64)
    share = np.linspace(0, 1, count) if count > 1 else np.array([0.5])
    starts: Starts = np.rint(np.minimum(0, spare) + np.abs(spare) * share).astype(np.intp)
    return starts


def _front_end() -> tuple[object, ...]:
    """All that shapes an input."""
    return (
        *(frontend.SOURCE_HZ, frontend.RATE_HZ, frontend.N_FFT, frontend.TAPER, frontend.HOP, frontend.BANDS),
        *(frontend.HIGHEST_HZ, float(frontend.PREEMPHASIS), float(frontend.LEAST_POWER)),
    )


def _read(clip: Clip, kept: Path) -> Mel:
    try:
        mel: Mel = np.load(kept, allow_pickle=False)
        if mel.dtype == np.float16 and mel.ndim == 2 and mel.shape[1] == frontend.BANDS:
            return mel
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        pass  # not there, or damaged
    path = clip.utterance.path
    samples, digest = read_sound(path, frontend.SOURCE_HZ)
    if digest != clip.digest:
        raise UsageError(f"{path}: has changed since its features were read; start again")
    if len(samples) < frontend.LEAST_SAMPLES:
        raise UsageError(f"{path}: {len(samples)} samples are too few for the teacher; leave the clip out")
    mel = frontend.mel(samples).astype(np.float16)
    with cache.replacing(kept) as written:
        np.save(written, mel)
    return mel
