"""Tiny copies of corpora, shaped as their publishers ship them, of synthetic sound."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import soundfile


def tone(path: Path, hz: float = 440.0, seconds: float = 0.1, rate: int = 16000) -> Path:
    """Write a tone; files that differ in pitch differ in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    t = np.arange(round(seconds * rate)) / rate
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * hz * t), rate)
    return path


def tree(folder: Path, names: Iterable[str]) -> Path:
    """Write tones of rising pitch under these names."""
    for k, name in enumerate(names):
        tone(folder / name, 200 + k)
    return folder


def babble(path: Path, seed: int, seconds: float = 2.0, rate: int = 16000) -> Path:
    """Write noise bursts between silences: something that energy takes for speech."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    samples = 1e-4 * rng.standard_normal(round(seconds * rate))
    third = len(samples) // 3
    samples[third : 2 * third] += 0.1 * np.sin(np.arange(third) * rng.uniform(0.05, 1)) * rng.uniform(0.3, 1, third)
    soundfile.write(path, samples, rate)
    return path
