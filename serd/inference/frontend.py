"""The front end: samples to log band energies, alike in training and at run time.

Frames are not centred and not padded: frame k covers samples [k * hop, k * hop + n_fft). Every step
works on one frame at a time (an FFT, a band sum in fixed order, a logarithm), so the same samples give
the same bits however many frames are computed at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import scipy  # whose FFT is imported when it is first used: `Pipeline.prepare`
from numpy.typing import NDArray

from serd.block import Samples
from serd.inference.pitch import Pitch

Rows = NDArray[np.float32]

FLOOR = np.float32(1e-14)
"""Mean power per bin below which a band counts as empty: -140 dB of full scale, under 16-bit rounding."""


@dataclass(frozen=True)
class Stft:
    """Short-time Fourier transform with a periodic Hann window: `hop` is its step in samples."""

    sample_rate: int
    n_fft: int
    hop: int

    @property
    def overlap(self) -> int:
        """Samples a frame needs beyond its own hop."""
        return self.n_fft - self.hop

    @cached_property
    def taper(self) -> Samples:
        """Periodic Hann window, scaled so that a full-scale sine has the power 1 (0 dB) in its bin."""
        k = np.arange(self.n_fft)
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * k / self.n_fft)
        taper: Samples = (hann * 2 / hann.sum()).astype(np.float32)
        return taper

    def power(self, samples: Samples) -> Rows:
        """Power spectra of all whole frames: (n,) samples -> (frames, n_fft // 2 + 1)."""
        if len(samples) < self.n_fft:
            return np.zeros((0, self.n_fft // 2 + 1), np.float32)
        samples = np.ascontiguousarray(samples)
        shape = ((len(samples) - self.n_fft) // self.hop + 1, self.n_fft)
        strides = (self.hop * samples.itemsize, samples.itemsize)
        frames: Samples = np.ndarray(shape, samples.dtype, samples, strides=strides)  # numpy checks that it fits
        spectra = scipy.fft.rfft(frames * self.taper, axis=1)
        power: Rows = np.square(spectra.real) + np.square(spectra.imag)
        return power


@dataclass(frozen=True)
class Bands:
    """Weighted sums of neighbouring bins, then the logarithm (natural)."""

    kind: Literal["linear", "mel", "slaney"]
    """`mel`: O'Shaughnessy's scale, each band a mean over its bins. `slaney`: Slaney's scale, triangles of unit area in
    Hz (times a bin's width), as speech recognizers are fed (Radford et al. 2022); a band between two bins gets less."""
    count: int
    low_hz: float
    high_hz: float
    pool: int = 1
    """Frames whose power is averaged into one row."""

    def log(self, power: Rows, stft: Stft) -> Rows:
        """Log band energies: (frames, bins) -> (frames // pool, count). A remainder is left out."""
        bins, weights, starts = self._triangles(stft)
        if self.pool > 1:
            whole = len(power) // self.pool * self.pool
            pooled = power[0 : whole : self.pool].copy()
            for k in range(1, self.pool):
                pooled += power[k : whole : self.pool]
            power = pooled / np.float32(self.pool)
        energies = np.add.reduceat(power.take(bins, axis=1) * weights, starts, axis=1, dtype=np.float32)
        rows: Rows = np.log(np.maximum(energies, FLOOR))
        return rows

    def _triangles(self, stft: Stft) -> tuple[NDArray[np.intp], Samples, NDArray[np.intp]]:
        """Which bins, with which weights, from where on: the concatenated non-zero weights of all bands."""
        key = (self, stft)
        if key not in _TRIANGLES:
            _TRIANGLES[key] = _triangles(self, stft)
        return _TRIANGLES[key]


_TRIANGLES: dict[tuple[Bands, Stft], tuple[NDArray[np.intp], Samples, NDArray[np.intp]]] = {}


def _triangles(bands: Bands, stft: Stft) -> tuple[NDArray[np.intp], Samples, NDArray[np.intp]]:
    hz = np.arange(stft.n_fft // 2 + 1) * stft.sample_rate / stft.n_fft
    chosen: list[tuple[NDArray[np.intp], NDArray[np.float64]]] = []
    if bands.kind == "linear":
        inside = np.flatnonzero((hz > bands.low_hz) & (hz <= bands.high_hz))
        chosen = [(group, np.ones(len(group))) for group in np.array_split(inside, bands.count)]
    else:
        for low, centre, high in _edges(bands):
            slopes = np.minimum((hz - low) / (centre - low), (high - hz) / (high - centre))
            group = np.flatnonzero(slopes > 0)
            if len(group) == 0:  # narrower than a bin: take the nearest
                group = np.array([np.argmin(np.abs(hz - centre))])
                slopes = np.zeros_like(hz) if bands.kind == "slaney" else np.ones_like(hz)
            chosen.append((group, slopes[group] * (2 * hz[1] / (high - low) if bands.kind == "slaney" else 1)))
    unit = bands.kind != "slaney"  # a triangle of unit area has weights that do not quite sum to 1
    weights = np.concatenate([w / w.sum() if unit else w for _, w in chosen]).astype(np.float32)
    starts = np.cumsum([0] + [len(group) for group, _ in chosen[:-1]])
    return np.concatenate([group for group, _ in chosen]), weights, starts


def _edges(bands: Bands) -> Iterator[tuple[float, float, float]]:
    """Lower edge, centre and upper edge of each triangle, in Hz."""
    to_mel, to_hz = (hz_to_slaney, slaney_to_hz) if bands.kind == "slaney" else (hz_to_mel, mel_to_hz)
    edges = to_hz(np.linspace(to_mel(bands.low_hz), to_mel(bands.high_hz), bands.count + 2))
    return zip(edges, edges[1:], edges[2:], strict=False)


def hz_to_mel(hz: float) -> float:
    """O'Shaughnessy's mel scale, as HTK and Kaldi use it."""
    return 1127.0 * math.log1p(hz / 700.0)


def mel_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of `hz_to_mel`."""
    return 700.0 * np.expm1(mel / 1127.0)


SLANEY_HZ, SLANEY_MEL, SLANEY_STEP = 1000.0, 15.0, math.log(6.4) / 27
"""Where the scale turns from linear to logarithmic, and the logarithm's step a mel from there on."""


def hz_to_slaney(hz: float) -> float:
    """The mel scale of Slaney's Auditory Toolbox (1998): linear to 1 kHz, then logarithmic."""
    if hz < SLANEY_HZ:
        return SLANEY_MEL * hz / SLANEY_HZ
    return SLANEY_MEL + math.log(hz / SLANEY_HZ) / SLANEY_STEP


def slaney_to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Inverse of `hz_to_slaney`."""
    above = SLANEY_HZ * np.exp(SLANEY_STEP * np.maximum(mel - SLANEY_MEL, 0))
    return np.where(mel < SLANEY_MEL, SLANEY_HZ * mel / SLANEY_MEL, above)


@dataclass(frozen=True)
class FrontEnd:
    """All that turns a window of samples into a network's input. Part of the model's contract."""

    stft: Stft
    bands: Bands
    rows: int
    """Rows in a window; row k starts at sample k * hop * pool of the window."""

    top_db: float
    """Rows are taken relative to the window's loudest band and cut this far below it, which makes the
    input independent of the gain (librosa's `power_to_db(ref=max, top_db)`)."""

    quiet_db: float
    """A window whose loudest band lies below this (dB of full scale) is not lifted up: silence stays dark."""

    pitch: Pitch | None = None
    """Bands of the pitch after those of energy; None: none."""

    @property
    def columns(self) -> int:
        """Numbers in a row of the network's input."""
        return self.bands.count + (self.pitch.count if self.pitch else 0)

    @property
    def row_hop(self) -> int:
        """Samples from one row to the next."""
        return self.stft.hop * self.bands.pool

    @property
    def window(self) -> int:
        """Samples that one window covers."""
        return self.rows * self.row_hop + self.stft.overlap

    def log_rows(self, samples: Samples) -> Rows:
        """Log rows of all whole rows: (n,) samples -> see `log_power`."""
        return self.log_power(self.stft.power(samples))

    def log_power(self, power: Rows, energies: Rows | None = None) -> Rows:
        """Power spectra (frames, bins) -> log band energies (frames // pool, bands), and the pitch's track after them.

        `energies`: the log band energies, where they are known.
        """
        logged = self.bands.log(power, self.stft) if energies is None else energies
        if self.pitch is None:
            return logged
        return np.concatenate([logged, self.pitch.track(power, self.stft, self.bands.pool)], axis=1)

    def scale(self, log_rows: Rows) -> Rows:
        """One window of at most `rows` log rows -> the network's input (rows, columns) in [0, 1].

        Of the energies 1 is the window's loudest band, 0 is `top_db` below it or less. Fewer rows are padded on the
        left, in the past, with 0: a stream that has just begun has silence before it.
        """
        neper = math.log(10) / 10  # natural logarithm of power, per dB
        span, quiet = np.float32(self.top_db * neper), np.float32(self.quiet_db * neper)
        recent, energies = log_rows[-self.rows :], self.bands.count
        scaled = np.zeros((self.rows, self.columns), np.float32)
        if len(recent):
            logged, window = recent[:, :energies], scaled[-len(recent) :]
            peak = max(logged.max(), quiet)
            np.clip((logged - peak) / span + np.float32(1), 0, 1, out=window[:, :energies])
            if self.pitch is not None:
                window[:, energies:] = self.pitch.bands(recent[:, energies:], window[:, :energies])
        return scaled
