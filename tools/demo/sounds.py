"""What is no voice: pauses, the room, wind, mains, knocks; computed."""

from __future__ import annotations

import numpy as np

from tools.demo.voices import RATE, Samples

BREATH_S = 0.35
"""Between two sentences of a line."""


def pause(seconds: float) -> Samples:
    """Digital silence."""
    return np.zeros(round(seconds * RATE))


def room(count: int, random: np.random.RandomState) -> Samples:
    """No room is free of sound: noise at -68 dB."""
    return np.asarray(4e-4 * random.standard_normal(count))


def line(sentences: list[Samples]) -> Samples:
    """Sentences with a breath between them."""
    parts = [part for sentence in sentences for part in (pause(BREATH_S), sentence)]
    return np.concatenate(parts[1:])


def wind(seconds: float, random: np.random.RandomState) -> Samples:
    """Noise through two one-pole low-passes, swelling slowly."""
    count = round(seconds * RATE)
    spectrum = np.fft.rfft(random.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / RATE)
    blown = np.fft.irfft(spectrum / (1 + (hz / 350) ** 2), count)
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * np.arange(count) / RATE / 2.5)
    return np.asarray(0.05 * swell * blown / blown.std())


def hum(seconds: float) -> Samples:
    """Mains: 50 Hz and its odd harmonics."""
    time = np.arange(round(seconds * RATE)) / RATE
    return np.asarray(sum(0.06 / k**1.5 * np.sin(2 * np.pi * 50 * k * time) for k in (1, 3, 5, 7, 9)))


def knocks(times: int, random: np.random.RandomState) -> Samples:
    """Knocks on wood, 0.45 s apart: short bursts with a damped resonance."""
    out = np.zeros(round((0.45 * times + 0.3) * RATE))
    time = np.arange(round(0.12 * RATE)) / RATE
    for k in range(times):
        at = round((0.1 + 0.45 * k) * RATE)
        strike = np.sin(2 * np.pi * (160 + 20 * random.rand()) * time) * np.exp(-time * 45)
        strike += 0.3 * random.standard_normal(len(time)) * np.exp(-time * 300)
        out[at : at + len(time)] += 0.5 * strike
    return out
