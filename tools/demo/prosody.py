"""How a line is spoken: pitch, range, tempo, loudness and voice quality, changed by WORLD (Morise et al. 2016).

WORLD takes speech apart into pitch, spectral envelope and aperiodicity, and puts it together again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyworld
from numpy.typing import NDArray

from tools.demo.voices import RATE, Samples, speak

FRAME_MS = 5.0
TREMOR_HZ = 6.0
TILT_HZ = 500.0
"""Below it a tilt changes nothing."""


@dataclass(frozen=True)
class Prosody:
    """What is changed of the voice's own way to speak; the defaults change nothing."""

    pitch: float = 0.0
    """Shift of the fundamental frequency, in semitones."""
    range: float = 1.0
    """Factor of its excursions from its median, on the scale of semitones."""
    slope: float = 0.0
    """Its rise over the line, in semitones."""
    tremor: float = 0.0
    """Depth of its trembling, in semitones."""
    tempo: float = 1.0
    """Factor of the rate of speech."""
    formants: float = 1.0
    """Factor of the frequencies of the spectral envelope: a smaller vocal tract above 1, smiling lips, too."""
    tilt: float = 0.0
    """Change of the spectrum's slope, in dB an octave: effort above 0, softness below."""
    breath: float = 0.0
    """Share of noise added to the voice, 0 to 1."""
    swing: float = 1.0
    """Factor of the envelope's excursions in dB: stressed syllables stand out above 1."""
    level: float = -24.0
    """Loudness, root mean square in dB of full scale."""


def perform(voice: str, text: str, prosody: Prosody) -> Samples:
    """The line as the voice says it so."""
    f0, envelope, aperiodicity = _analysed(voice, text)
    time = np.arange(len(f0)) / max(1, len(f0) - 1)
    median = np.median(f0[f0 > 0])
    away = 12 * np.log2(np.where(f0 > 0, f0, median) / median)
    seconds = np.arange(len(f0)) * FRAME_MS / 1000 / prosody.tempo
    away = away * prosody.range + prosody.pitch + prosody.slope * (time - 0.5)
    away += prosody.tremor * np.sin(2 * np.pi * TREMOR_HZ * seconds)
    pitch = np.where(f0 > 0, np.clip(median * 2 ** (away / 12), 55, 700), 0)
    hz = np.linspace(0, RATE / 2, envelope.shape[1])
    warped = np.array([np.interp(hz / prosody.formants, hz, np.log(row)) for row in envelope])
    warped += prosody.tilt * np.log2(np.maximum(hz, TILT_HZ) / TILT_HZ) * np.log(10) / 10
    power = np.log(np.exp(warped).sum(axis=1, keepdims=True))
    warped += (prosody.swing - 1) * np.clip(power - np.percentile(power, 90), -7, 3)
    noisy = aperiodicity + (1 - aperiodicity) * prosody.breath
    said = pyworld.synthesize(pitch, np.exp(warped), np.clip(noisy, 0, 1), RATE, FRAME_MS / prosody.tempo)
    said *= 10 ** (prosody.level / 20) / np.sqrt(np.square(said).mean())
    return np.asarray(_limited(said))


def _limited(samples: Samples) -> Samples:
    """Peaks beyond 0.55 bent to stay below 0.8: Opus adds to them."""
    size = np.abs(samples)
    bent = 0.55 + 0.25 * np.tanh((size - 0.55) / 0.25)
    return np.where(size > 0.55, np.sign(samples) * bent, samples)


@lru_cache(maxsize=64)
def _analysed(voice: str, text: str) -> tuple[NDArray[np.float64], ...]:
    said = np.ascontiguousarray(speak(voice, text))
    rough, time = pyworld.dio(said, RATE, f0_floor=60, f0_ceil=450, frame_period=FRAME_MS)
    f0 = pyworld.stonemask(said, rough, time, RATE)
    return f0, pyworld.cheaptrick(said, f0, time, RATE), pyworld.d4c(said, f0, time, RATE)
