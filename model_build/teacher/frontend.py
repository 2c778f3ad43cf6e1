"""The teacher's input: its log mel bands of a whole clip, from samples at our rate.

Pre-emphasis, centred STFT, Kaldi's mel bands, logarithm, scaling, as EfficientAT has them (Schmid et al. 2023;
fschmid56/EfficientAT, MIT) and torchaudio defines them. Absolute levels are kept.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.fft
import soxr

from serd.block import Samples
from serd.errors import UsageError
from serd.frontend import Rows, hz_to_mel

SOURCE_HZ = 16000
"""Rate of the samples given."""
RATE_HZ = 32000
"""Rate the teacher was trained at."""
N_FFT, TAPER, HOP = 1024, 800, 320
"""Samples at RATE_HZ: the transform, the window in its middle, and the step, which is 10 ms."""
BANDS = 128
HIGHEST_HZ = 15000.0
PREEMPHASIS = np.float32(0.97)
LEAST_POWER = np.float32(1e-5)
SILENCE = np.float32((np.log(1e-5) + 4.5) / 5)
"""What digital silence becomes."""
FRAMES_PER_S = RATE_HZ / HOP
LEAST_SAMPLES = N_FFT // 4 + 1
"""At SOURCE_HZ; with fewer there is nothing to mirror at the ends."""


def mel(samples: Samples) -> Rows:
    """Samples (n,) at 16 kHz -> the teacher's input (frames, 128), one frame each 10 ms; silence is -1.40.

    n samples give 1 + (2 n - 1) // 320 frames. Raises UsageError for fewer samples than LEAST_SAMPLES.
    """
    if samples.ndim != 1 or len(samples) < LEAST_SAMPLES:
        raise UsageError(
            f"samples of shape {samples.shape}: the teacher hears one channel of at least {LEAST_SAMPLES} samples "
            f"at {SOURCE_HZ} Hz; leave the clip out"
        )
    doubled = soxr.resample(samples.astype(np.float32), SOURCE_HZ, RATE_HZ, quality="HQ")  # as the reference was made
    energies = _power(doubled[1:] - PREEMPHASIS * doubled[:-1]) @ _triangles()
    rows: Rows = (np.log(energies + LEAST_POWER) + np.float32(4.5)) / np.float32(5)
    return rows


def _power(samples: Samples) -> Rows:
    """Power spectra of frames centred at 0, HOP, 2 HOP, …, the ends mirrored: (frames, N_FFT // 2 + 1)."""
    mirrored = np.pad(samples, N_FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(mirrored, N_FFT)[::HOP]
    spectra = scipy.fft.rfft(frames * _taper(), axis=1)
    power: Rows = np.square(spectra.real) + np.square(spectra.imag)
    return power


@cache
def _taper() -> Samples:
    """Symmetric Hann window of TAPER samples with zeros on either side (N_FFT,)."""
    taper: Samples = np.pad(np.hanning(TAPER), (N_FFT - TAPER) // 2).astype(np.float32)
    return taper


@cache
def _triangles() -> Rows:
    """Weights of Kaldi's mel bands, triangles on the mel scale and not in Hz: (N_FFT // 2 + 1, BANDS)."""
    edges = np.linspace(hz_to_mel(0.0), hz_to_mel(HIGHEST_HZ), BANDS + 2)
    bins = np.array([[hz_to_mel(k * RATE_HZ / N_FFT)] for k in range(N_FFT // 2 + 1)])
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    weights: Rows = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    return weights  # Nyquist's bin is above the highest band, and so is zero
