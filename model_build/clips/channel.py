"""One random channel a clip: what other voices, rooms, microphones and lines would have made of it.

All of it works on log band energies, which is cheap enough to be drawn anew in every epoch. It is an approximation:
powers add, a room smears them, a microphone tilts them; phases are not known. The evaluation uses waveforms.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from serd.inference.frontend import FLOOR, Bands, FrontEnd, Rows, hz_to_mel, mel_to_hz
from serd.inference.pitch import HIGHEST_HZ, OCTAVES, PERIODIC

DB = np.float32(np.log(10) / 10)
"""Natural logarithm of power, per dB."""
EMPTY = np.float32(np.log(FLOOR))
TELEPHONE_HZ = (300.0, 3400.0)


@dataclass(frozen=True)
class Channel:
    """How likely, and how much of, each change is."""

    noise: float = 0.4
    """Share of clips with added noise."""
    snr_db: tuple[float, float] = (0.0, 35.0)
    """Ratio of the loudest tenth of the clip's rows to the added noise."""
    room: float = 0.15
    rt60_s: tuple[float, float] = (0.15, 0.9)
    telephone: float = 0.12
    cut: float = 0.08
    """Share with nothing above some frequency: codecs, old recordings."""
    tilt_db: float = 2.0
    """Standard deviation of a microphone's gain at 8 points over the bands, which are joined by lines."""
    warp: float = 0.06
    """Standard deviation of the frequency axis' stretch: longer and shorter throats."""
    pace: float = 0.1
    """Standard deviation of the time axis' stretch: slower and faster speech."""
    level_db: tuple[float, float] = (-35.0, 5.0)
    """Gain: it matters only next to the front end's absolute floor."""


def apply_channel(rng: Generator, rows: Rows, noises: Sequence[Rows], front_end: FrontEnd, channel: Channel) -> Rows:
    """A clip's log rows (n, numbers) through a random channel: (m, numbers), m near n. `noises` are log rows, too."""
    bands = front_end.bands.count
    changed = paced(rows, float(np.exp(rng.normal(0, channel.pace)))) if channel.pace else rows
    changed, track = changed[:, :bands], changed[:, bands:].copy()
    if channel.warp:
        factor = float(np.exp(rng.normal(0, channel.warp)))
        changed = warped(changed, factor, front_end)
        track[:, OCTAVES:] += np.float32(np.log2(factor))
    dry = changed
    if rng.random() < channel.room:
        direct_db = rng.uniform(-3, 12)
        changed = reverberant(changed, rng.uniform(*channel.rt60_s), float(direct_db), front_end)
    if noises and rng.random() < channel.noise:
        noise = noises[int(rng.integers(len(noises)))][:, :bands]
        changed = noisy(changed, looped(rng, noise, len(changed)), rng.uniform(*channel.snr_db))
    if front_end.pitch is not None and changed is not dry:
        track[:, PERIODIC] *= kept_share(dry, changed, front_end.bands)
    points = rng.normal(0, channel.tilt_db, 8)
    changed = changed + (np.interp(np.linspace(0, 7, bands), np.arange(8), points) * DB).astype(np.float32)
    if rng.random() < channel.telephone:
        changed = limited(changed, *TELEPHONE_HZ, front_end)
    elif rng.random() < channel.cut:
        changed = limited(changed, 0.0, rng.uniform(2500, 7000), front_end)
    heard: Rows = np.maximum(changed + np.float32(rng.uniform(*channel.level_db)) * DB, EMPTY)
    return np.concatenate([heard, track], axis=1) if front_end.pitch is not None else heard


def kept_share(dry: Rows, wet: Rows, bands: Bands) -> Rows:
    """The share of each row's power that was there before some was added, where a pitch is looked for (n,).

    What is added has not the voice's period: the autocorrelation at it falls to so much.
    """
    hz = mel_to_hz(_centres(bands))
    widths = np.where(hz <= HIGHEST_HZ, np.gradient(hz), 0).astype(np.float32)
    share: Rows = np.minimum((np.exp(dry) @ widths) / np.maximum(np.exp(wet) @ widths, FLOOR), 1)
    return share


def noisy(rows: Rows, noise: Rows, snr_db: float) -> Rows:
    """Powers added, the noise's mean `snr_db` under the mean of the clip's loudest tenth of rows."""
    loudness = rows.max(axis=1)
    speech = np.exp(rows[loudness >= np.quantile(loudness, 0.9)]).mean()
    gain = np.log(speech / max(float(np.exp(noise).mean()), float(FLOOR))) - np.float32(snr_db) * DB
    mixed: Rows = np.logaddexp(rows, noise + np.float32(gain)).astype(np.float32)
    return mixed


def looped(rng: Generator, noise: Rows, length: int) -> Rows:
    """`length` rows from a random place of `noise`, which begins anew at its end."""
    start = int(rng.integers(len(noise)))
    return np.take(noise, np.arange(start, start + length), axis=0, mode="wrap")


def reverberant(rows: Rows, rt60_s: float, direct_db: float, front_end: FrontEnd) -> Rows:
    """Power smeared over time by an exponential tail, `direct_db` of direct sound over all of the tail.

    Treble decays up to twice as fast as bass, as it does in furnished rooms.
    """
    row_s = front_end.row_hop / front_end.stft.sample_rate
    power = np.exp(rows)
    kept = (10 ** (-6 * row_s / (rt60_s * np.linspace(1, 0.5, rows.shape[1])))).astype(np.float32)
    gain = np.float32(10 ** (-direct_db / 10)) * (1 - kept)
    ringing, heard = np.zeros(rows.shape[1], np.float32), power.copy()
    for k, now in enumerate(power):
        heard[k] += gain * ringing
        ringing = kept * ringing + now
    wet: Rows = np.log(np.maximum(heard, FLOOR))
    return wet


def warped(rows: Rows, factor: float, front_end: FrontEnd) -> Rows:
    """Every frequency moved to `factor` times itself (vocal tract length perturbation, Jaitly & Hinton 2013)."""
    bands = front_end.bands
    if bands.kind != "mel":
        raise ValueError(f"bands of kind {bands.kind}: only mel bands can be warped")
    mels = _centres(bands)
    sources = np.array([hz_to_mel(hz / factor) for hz in mel_to_hz(mels)])
    places = np.interp(sources, mels, np.arange(bands.count))
    low = np.minimum(places.astype(np.intp), bands.count - 2)
    share = (places - low).astype(np.float32)
    moved: Rows = rows[:, low] * (1 - share) + rows[:, low + 1] * share
    return moved


def paced(rows: Rows, factor: float) -> Rows:
    """`factor` times as fast, pitch kept: rows between rows by straight lines."""
    places = np.arange(0, len(rows) - 1, factor) if len(rows) > 1 else np.zeros(1)
    low = np.minimum(places.astype(np.intp), max(len(rows) - 2, 0))
    share = (places - low).astype(np.float32)[:, None]
    stretched: Rows = rows[low] * (1 - share) + rows[np.minimum(low + 1, len(rows) - 1)] * share
    return stretched


def limited(rows: Rows, low_hz: float, high_hz: float, front_end: FrontEnd) -> Rows:
    """Bands outside 60 dB down."""
    mels = _centres(front_end.bands)
    outside = (mels < hz_to_mel(low_hz)) | (mels > hz_to_mel(high_hz))
    kept: Rows = np.maximum(rows - np.where(outside, np.float32(60) * DB, np.float32(0)).astype(np.float32), EMPTY)
    return kept


def _centres(bands: Bands) -> NDArray[np.float64]:
    """The centres of mel bands, in mels (count,)."""
    return np.linspace(hz_to_mel(bands.low_hz), hz_to_mel(bands.high_hz), bands.count + 2)[1:-1]
