"""Sounds that are not speech, and what rooms and microphones do to sound: made, not recorded.

Everything is drawn from a numpy Generator, so a seed gives the same samples. Levels are left at about
unit RMS or unit peak; whoever mixes sets them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.fft
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.clips.speech import RATE
from serd.block import Samples

Maker = Callable[[Generator, int], Samples]


def unit(sound: NDArray[np.floating]) -> Samples:
    """`sound` with RMS 1 (silence stays silence)."""
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) if len(sound) else 0.0
    scaled: Samples = (sound / rms if rms > 1e-9 else sound).astype(np.float32)
    return scaled


def shaped(sound: NDArray[np.floating], hz: list[float], db: list[float]) -> Samples:
    """Zero-phase filter: gains in dB given at some frequencies, straight lines between them."""
    size = scipy.fft.next_fast_len(len(sound) + 512, real=True)
    spectrum = scipy.fft.rfft(np.asarray(sound, np.float32), size)
    gains = np.interp(np.arange(len(spectrum)) * RATE / size, hz, db)
    filtered: Samples = scipy.fft.irfft(spectrum * (10 ** (gains / 20)).astype(np.float32), size)[: len(sound)]
    return filtered


def coloured(rng: Generator, n: int) -> Samples:
    """Noise whose power falls with frequency^alpha, alpha from 0 (white) over 1 (pink) to 2.2 (brown)."""
    return power_law(rng, n, rng.uniform(-0.5, 2.2))


def power_law(rng: Generator, n: int, alpha: float) -> Samples:
    """Noise with the power spectrum 1 / frequency^alpha above 30 Hz: 0 is white, 1 pink, 2 brown."""
    size = scipy.fft.next_fast_len(n, real=True)
    spectrum = scipy.fft.rfft(rng.standard_normal(size, dtype=np.float32))
    hz = np.maximum(np.arange(len(spectrum)) * RATE / size, 30.0)
    return unit(scipy.fft.irfft(spectrum * (hz ** (-alpha / 2)).astype(np.float32), size)[:n])


def banded(rng: Generator, n: int) -> Samples:
    """Coloured noise with a few broad resonances: fans, wind in a duct, a kettle."""
    hz = np.sort(rng.uniform(50, 7900, 8))
    return unit(shaped(coloured(rng, n), list(hz), list(rng.normal(0, 12, 8))))


def swelling(rng: Generator, n: int) -> Samples:
    """Noise whose level wanders or swings (0.2 to 20 Hz): traffic, surf, machines, a scrubbing brush."""
    t = np.arange(n) / RATE
    rate, depth = np.exp(rng.uniform(np.log(0.2), np.log(20))), rng.uniform(3, 25)
    swing = np.sin(2 * np.pi * rate * t + rng.uniform(0, 6.28) + rng.uniform(0, 3) * np.sin(2 * np.pi * 0.3 * t))
    wander = shaped(rng.standard_normal(n, dtype=np.float32), [0, rate, 2 * rate + 0.1, 8000], [0, 0, -90, -90])
    shape = swing if rng.random() < 0.5 else unit(wander)
    return unit((banded if rng.random() < 0.5 else coloured)(rng, n) * 10 ** (depth / 2 * shape / 20))


def hum(rng: Generator, n: int, mains: float | None = None) -> Samples:
    """Mains hum, 50 or 60 Hz unless given, with harmonics that fall off, on a faint noise floor."""
    base = mains or float(rng.choice([50.0, 60.0])) * (1 + rng.normal(0, 0.001))
    t, tone = np.arange(n) / RATE, np.zeros(n)
    fall = rng.uniform(0.3, 2.0)
    for k in range(1, int(rng.integers(2, 60))):
        tone += rng.uniform(0.2, 1) * k**-fall * np.sin(2 * np.pi * base * k * t + rng.uniform(0, 6.28))
    return unit(unit(tone) + 10 ** rng.uniform(-3, -0.5) * coloured(rng, n))


def engine(rng: Generator, n: int) -> Samples:
    """A pulse train with drifting speed, filtered: motors, rotors, purring."""
    t = np.arange(n) / RATE
    drift = 1 + rng.uniform(0, 0.3) * np.sin(2 * np.pi * rng.uniform(0.05, 1) * t + rng.uniform(0, 6.28))
    phase = np.cumsum(np.exp(rng.uniform(np.log(8), np.log(250))) * drift) / RATE
    pulses = np.diff(np.floor(phase), prepend=0).astype(np.float32) * rng.uniform(0.5, 1, n).astype(np.float32)
    hz = np.sort(rng.uniform(40, 7900, 7))
    sound = unit(shaped(pulses, list(hz), list(rng.normal(0, 10, 7))))
    return unit(sound + 10 ** rng.uniform(-2, 0.3) * banded(rng, n))


def tones(rng: Generator, n: int) -> Samples:
    """Notes and chords with overtones, beeps, sirens, chirps: music-like and machine-like tones."""
    sound, at = np.zeros(n), 0
    steady, bend = rng.uniform(0.08, 1.5), rng.choice([0.0, 0.0, 0.02, 0.5])
    overtones, fall = int(rng.integers(1, 12)), rng.uniform(0.3, 2.0)
    while at < n:
        length = int(min(n - at, RATE * steady * rng.uniform(0.7, 1.3))) or 1
        t = np.arange(length) / RATE
        envelope = np.minimum(t / 0.01, 1) * np.exp(-t * rng.choice([0.0, 1.0, 5.0])) * np.minimum(t[::-1] / 0.02, 1)
        for _ in range(int(rng.integers(1, 4))):
            glide = 2 ** (bend * (rng.normal() * t / steady + 0.2 * np.sin(2 * np.pi * rng.uniform(1, 8) * t)))
            phase = np.cumsum(np.exp(rng.uniform(np.log(80), np.log(3000))) * glide) / RATE
            for k in range(1, overtones + 1):
                sound[at : at + length] += k**-fall * envelope * np.sin(2 * np.pi * k * phase)
        at += length + int(RATE * rng.choice([0.0, 0.0, rng.uniform(0, 0.8)]))
    return unit(sound + 10 ** rng.uniform(-4, -1) * rng.standard_normal(n))


def knocks(rng: Generator, n: int) -> Samples:
    """Clicks, typing, knocks, drops, crackling: short decaying bursts at irregular or regular times."""
    sound = np.zeros(n, np.float32)
    every, regular = np.exp(rng.uniform(np.log(0.03), np.log(1.5))), rng.random() < 0.3
    decay, spread = np.exp(rng.uniform(np.log(0.001), np.log(0.12))), rng.uniform(0, 10)
    ring = np.exp(rng.uniform(np.log(80), np.log(5000)))
    at = rng.uniform(0, every)
    while at * RATE < n:
        start = int(at * RATE)
        t = np.arange(min(n - start, int(8 * decay * RATE) + 2)) / RATE
        burst = np.exp(-t / decay) * (rng.standard_normal(len(t)) + rng.choice([0, 2]) * np.sin(2 * np.pi * ring * t))
        sound[start : start + len(t)] += (burst * 10 ** (rng.normal(0, spread) / 20)).astype(np.float32)
        at += every if regular else rng.exponential(every)
    hz = np.sort(rng.uniform(50, 7900, 5))
    return unit(shaped(sound, list(hz), list(rng.normal(0, 8, 5))))


def breaths(rng: Generator, n: int) -> Samples:
    """Bursts of breath-like noise, 0.2 to 1.5 s, soft at both ends: breathing, rustling, steps on gravel."""
    sound, at = np.zeros(n, np.float32), int(rng.uniform(0, 0.5) * RATE)
    while at < n:
        length = min(n - at, int(rng.uniform(0.2, 1.5) * RATE))
        burst = banded(rng, max(length, 64))[:length]
        soft = np.sin(np.pi * np.arange(length) / length) ** rng.uniform(0.3, 3)
        sound[at : at + length] += burst * soft.astype(np.float32)
        at += length + int(rng.uniform(0.05, 1.5) * RATE)
    return unit(sound)


def calls(rng: Generator, n: int) -> Samples:
    """Single harmonic calls without syllables, bent in pitch: beasts, birds, horns, squeaking doors."""
    sound, at = np.zeros(n), int(rng.uniform(0, 0.5) * RATE)
    base, typical = np.exp(rng.uniform(np.log(150), np.log(2500))), np.exp(rng.uniform(np.log(0.06), np.log(1.2)))
    peak_hz, width = rng.uniform(400, 4000), rng.uniform(300, 2500)
    while at < n:
        length = int(min(n - at, RATE * typical * rng.uniform(0.6, 1.6))) or 1
        x = np.linspace(0, 1, length)
        bend = 2 ** (rng.normal(0, 0.4) * x + rng.normal(0, 0.4) * np.sin(np.pi * x))
        f0 = base * rng.uniform(0.85, 1.2) * bend * (1 + rng.choice([0, 0.03]) * rng.standard_normal(length))
        phase = np.cumsum(f0) / RATE
        call = np.zeros(length)
        for k in range(1, 25):
            loud = np.exp(-np.square((k * f0 - peak_hz) / width)) + 0.05 / k
            call += np.where(k * f0 < 7900, loud, 0) * np.sin(2 * np.pi * k * phase)
        call += rng.choice([0.0, 0.1, 0.5]) * rng.standard_normal(length)
        sound[at : at + length] += call * np.sin(np.pi * x) ** rng.uniform(0.2, 1.5)
        at += length + int(RATE * (rng.exponential(0.6) + rng.choice([0.02, 0.3])))
    return unit(sound + 10 ** rng.uniform(-4, -1) * coloured(rng, n))


MAKERS: tuple[Maker, ...] = (coloured, banded, swelling, hum, engine, tones, knocks, breaths, calls)


def synthetic(rng: Generator, n: int) -> Samples:
    """n samples of one kind of noise, RMS 1."""
    maker = MAKERS[int(rng.integers(len(MAKERS)))]
    return maker(rng, n)


def room(rng: Generator, low: float = 0.15, high: float = 0.8) -> Samples:
    """A room's response of RT60 `low`..`high` s: the direct sound, then noise that decays, dull ends faster."""
    rt60, direct = rng.uniform(low, high), 10 ** (rng.uniform(-3, 12) / 20)
    n = int(rt60 * RATE)
    t = np.arange(n) / RATE
    tail = rng.standard_normal(n) * 10 ** (-3 * t / rt60)
    dull = shaped(rng.standard_normal(n), [0, 1500, 8000], [0, 0, -25]) * 10 ** (-3 * t / rt60)
    late = tail * np.exp(-t / (0.3 * rt60)) + dull
    late[: int(rng.uniform(0.001, 0.01) * RATE)] = 0
    response = unit(late) / np.sqrt(n) / direct
    response[0] = 1
    heard: Samples = response.astype(np.float32)
    return heard


def in_room(sound: Samples, response: Samples) -> Samples:
    """`sound` as heard in the room: convolved with its response, as long as before."""
    size = scipy.fft.next_fast_len(len(sound) + len(response), real=True)
    product = scipy.fft.rfft(sound, size) * scipy.fft.rfft(response, size)
    heard: Samples = scipy.fft.irfft(product, size)[: len(sound)].astype(np.float32)
    return heard


def microphone(rng: Generator, sound: Samples) -> Samples:
    """`sound` through a microphone: a smooth random response, at times a telephone's, a low or a high cut."""
    hz = [0.0, 60.0, 150.0, 400.0, 1000.0, 2500.0, 5000.0, 8000.0]
    db = np.cumsum(rng.normal(0, 3.0, len(hz)))
    db -= db[4]
    if rng.random() < 0.15:
        return telephone(shaped(sound, hz, list(db)))
    if rng.random() < 0.3:
        db[0] -= 30
        db[1] -= 20
    if rng.random() < 0.25:  # old recordings, codecs, a hand over the microphone
        cut = rng.uniform(2500, 7000)
        sound = shaped(sound, [0, cut, 1.2 * cut], [0, 0, -rng.uniform(20, 60)])
    return shaped(sound, hz, list(db))


def telephone(sound: Samples) -> Samples:
    """300 to 3400 Hz."""
    return shaped(sound, [0, 250, 300, 3400, 3600, 8000], [-50, -30, 0, 0, -40, -60])
