"""What the speech detector learns from: scenes mixed of clean speech, pauses, noise, rooms and microphones.

A scene draws its speakers from one group and its recorded noise from one fold of ESC-10, and is tagged
with both, so one set of scenes serves every cross-fit: leave out the tags, and nothing of them remains.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.clips import acoustics as noise
from model_build.clips.speech import FOLDS, RATE, active, level, load, recent_speech, recordings
from model_build.detector.data import FRONT_END, INNER_SPEAKERS, TEST_SPEAKERS, target, windows
from model_build.files import cache
from serd.block import Samples
from serd.inference.frontend import FrontEnd

RECIPE = 4
"""Raise it when scenes come out otherwise: kept ones are then made anew."""
SCENE_S = 12


@dataclass(frozen=True)
class Voices:
    """Decoded speech of one group of speakers, by corpus, and the share each corpus has in a scene."""

    clips: dict[str, list[tuple[Samples, NDArray[np.bool_]]]]
    shares: dict[str, float]

    def draw(self, rng: Generator) -> tuple[Samples, NDArray[np.bool_]]:
        """One clip at RMS 1 while speaking, at times faster or slower, at times without its own pauses."""
        names = [name for name in self.shares if self.clips.get(name)]
        p = np.array([self.shares[name] for name in names])
        pool = self.clips[names[int(rng.choice(len(names), p=p / p.sum()))]]
        samples, mask = pool[int(rng.integers(len(pool)))]
        samples = samples / np.float32(level(samples, mask))
        if rng.random() < 0.6:
            samples, mask = _paced(samples, mask, float(np.exp(rng.normal(0, 0.15))))
        if rng.random() < 0.5 and mask.any():
            inside = np.flatnonzero(mask)
            samples, mask = samples[inside[0] : inside[-1]], mask[inside[0] : inside[-1]]
        return samples, mask


def _paced(samples: Samples, mask: NDArray[np.bool_], factor: float) -> tuple[Samples, NDArray[np.bool_]]:
    at = np.arange(0, len(samples) - 1, factor)
    return np.interp(at, np.arange(len(samples)), samples).astype(np.float32), mask[at.astype(np.intp)]


def rhythmic(rng: Generator, n: int, voices: Voices, recorded: list[Samples]) -> Samples:
    """n samples of noise with the rhythm of speech, at RMS 1: the rhythm alone is not what makes speech."""
    speech = np.concatenate([voices.draw(rng)[0] for _ in range(int(rng.integers(1, 4)))])
    width = int(rng.uniform(0.01, 0.06) * RATE)
    total = np.cumsum(np.concatenate([np.zeros(width), np.square(np.resize(speech, n))]))
    envelope = np.sqrt(np.maximum(total[width:] - total[:-width], 0))
    return noise.unit(background(rng, n, recorded) * envelope)


def background(rng: Generator, n: int, recorded: list[Samples]) -> Samples:
    """n samples of noise at RMS 1: recorded clips (paced anew), made noise, or both."""
    if recorded and rng.random() < 0.65:
        parts: list[Samples] = []
        while sum(map(len, parts)) < n:
            clip = recorded[int(rng.integers(len(recorded)))]
            if rng.random() < 0.7:
                clip, _ = _paced(clip, np.zeros(len(clip), bool), float(np.exp(rng.normal(0, 0.3))))
            if rng.random() < 0.15:
                clip = clip[::-1]
            if rng.random() < 0.4:
                clip = noise.microphone(rng, clip)
            clip = clip[: int(RATE * rng.uniform(1, 6))] if rng.random() < 0.3 else clip
            parts.append(noise.unit(clip) * np.float32(10 ** (rng.normal(0, 4) / 20)))
        sound = noise.unit(np.concatenate(parts)[:n])
        if rng.random() < 0.3:
            sound = sound + np.float32(10 ** rng.uniform(-1.5, 0.2)) * noise.synthetic(rng, n)
    else:
        sound = noise.synthetic(rng, n)
    return noise.in_room(sound, noise.room(rng)) if rng.random() < 0.3 else sound


def as_recorded(rng: Generator, sound: Samples) -> Samples:
    """What a microphone makes of a scene: response, level, at times clipping, 16 bit."""
    if rng.random() < 0.8:
        sound = noise.microphone(rng, sound)
    peak = float(np.abs(sound).max()) + 1e-9
    over = rng.uniform(0, 12) if rng.random() < 0.06 else -rng.uniform(0, 45)
    scaled = np.clip(sound / peak * 10 ** (over / 20), -1, 1) * 32767
    dither = rng.uniform(-0.5, 0.5, len(scaled)) if rng.random() < 0.5 else 0
    out: Samples = (np.round(scaled + dither) / 32768).astype(np.float32)
    return out


def speech_scene(rng: Generator, voices: Voices, recorded: list[Samples]) -> tuple[Samples, NDArray[np.bool_]]:
    """Clips with pauses before a background: SCENE_S seconds, and where there is speech."""
    n = SCENE_S * RATE
    dry, mask = np.zeros(n, np.float32), np.zeros(n, bool)
    at = int(rng.uniform(0, 1.5) * RATE)
    while at < n:
        clip, on = voices.draw(rng)
        room_left = min(len(clip), n - at)
        dry[at : at + room_left] += clip[:room_left] * np.float32(10 ** (rng.normal(0, 3) / 20))
        mask[at : at + room_left] |= on[:room_left]
        at += room_left + int(rng.exponential(0.9) * RATE)
    if rng.random() < 0.4:
        dry = noise.in_room(dry, noise.room(rng))
    draw = rng.random()
    if draw < 0.2:
        return as_recorded(rng, dry), mask
    snr, recorded = (rng.uniform(30, 65), []) if draw < 0.45 else (rng.uniform(-2, 30), recorded)
    return as_recorded(rng, dry + np.float32(10 ** (-snr / 20)) * background(rng, n, recorded)), mask


def noise_scene(rng: Generator, voices: Voices, recorded: list[Samples]) -> tuple[Samples, NDArray[np.bool_]]:
    """SCENE_S seconds without speech."""
    n = SCENE_S * RATE
    sound = rhythmic(rng, n, voices, recorded) if rng.random() < 0.1 else background(rng, n, recorded)
    if rng.random() < 0.4:
        sound = sound + np.float32(10 ** (-rng.uniform(0, 40) / 20)) * background(rng, n, recorded)
    return as_recorded(rng, sound), np.zeros(n, bool)


@dataclass(frozen=True)
class Scenes:
    """Windows with targets and tags, one a stride."""

    x: NDArray[np.uint8]
    y: NDArray[np.float32]
    fold: NDArray[np.int8]
    """Fold of ESC-10 the scene drew from."""
    inner: NDArray[np.bool_]
    """Whether the scene's speakers are INNER_SPEAKERS."""
    noise: NDArray[np.bool_]

    def where(self, chosen: NDArray[np.bool_]) -> Scenes:
        """The chosen windows only."""
        return Scenes(self.x[chosen], self.y[chosen], self.fold[chosen], self.inner[chosen], self.noise[chosen])


def make_scenes(data: Path, hours: float, seed: int = 0, front_end: FrontEnd = FRONT_END) -> Scenes:
    """`hours` of scenes from all speakers and folds but the test speakers; kept in the cache."""
    name = cache.key(RECIPE, hours, seed, front_end)
    kept = cache.folder("detector") / f"scenes-{name}.npz"
    if kept.exists():
        with np.load(kept) as stored:
            return Scenes(**{name: stored[name] for name in ("x", "y", "fold", "inner", "noise")})
    outer, inner = _voices(data)
    esc = recordings(data, "esc-10")
    recorded = {fold: [load(sound) for sound in esc if sound.fold == str(fold)] for fold in FOLDS}
    rng = np.random.default_rng(seed)
    parts: list[tuple[NDArray[np.uint8], NDArray[np.float32], int, bool, bool]] = []
    for _ in range(int(hours * 3600 / SCENE_S)):
        fold, is_inner, is_noise = int(rng.choice(FOLDS)), bool(rng.random() < 0.2), bool(rng.random() < 0.5)
        voices = inner if is_inner else outer
        scene = noise_scene if is_noise else speech_scene
        samples, mask = scene(rng, voices, recorded[fold])
        x = windows(front_end, front_end.log_rows(samples))
        parts.append((x, target(recent_speech(mask, len(x))), fold, is_inner, is_noise))
    count = [len(part[0]) for part in parts]
    scenes = Scenes(
        np.concatenate([part[0] for part in parts]),
        np.concatenate([part[1] for part in parts]),
        np.repeat(np.array([part[2] for part in parts], np.int8), count),
        np.repeat(np.array([part[3] for part in parts]), count),
        np.repeat(np.array([part[4] for part in parts]), count),
    )
    with cache.replacing(kept) as written:
        np.savez(written, **{name: getattr(scenes, name) for name in ("x", "y", "fold", "inner", "noise")})
    return scenes


def _voices(data: Path) -> tuple[Voices, Voices]:
    """The outer and the inner group of speakers, decoded."""
    groups: tuple[dict[str, list[tuple[Samples, NDArray[np.bool_]]]], ...] = ({}, {})
    shares = {"ravdess-speech": 0.4, "nemo": 0.3, "librispeech": 0.2, "ravdess-song": 0.1}
    for corpus in shares:
        for clip in recordings(data, corpus):
            family = clip.family or clip.corpus
            if clip.speaker not in TEST_SPEAKERS[family]:
                samples = load(clip)
                is_inner = clip.speaker in INNER_SPEAKERS[family]
                groups[is_inner].setdefault(corpus, []).append((samples, active(samples)))
    return Voices(groups[0], shares), Voices(groups[1], shares)
