"""Random views of a clip: one window of it as other voices, rooms, microphones and lines would have given it.

Unlike `channel`, which changes log band energies, these change samples: the encoder was trained on sound, and what is
computed once may take its time. Whoever draws a view gives the generator: it follows from the view's number and the
clip's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from numpy.random import Generator

from model_build.clips import acoustics, speech
from serd.block import Samples
from serd.inference.frontend import FrontEnd, Rows


@dataclass(frozen=True)
class ViewRecipe:
    """How likely, and how much of, each change is."""

    speed: float = 0.08
    """Greatest change of speed, and of pitch with it, which half of the views have."""
    room: float = 0.35
    """Share in a room, half of them measured ones."""
    rt60_s: tuple[float, float] = (0.15, 0.9)
    noise: float = 0.5
    """Share with noise: of ESC-10, a third of it made."""
    snr_db: tuple[float, float] = (3.0, 30.0)
    """Ratio of the speech where it is loud to the noise."""
    microphone: float = 0.5
    telephone: float = 0.1
    tilt_db: float = 2.0
    """Standard deviation of a gain at 8 frequencies, of every view."""
    quiet: float = 0.2
    """Share recorded so quietly that 16 bits tell."""
    quiet_db: tuple[float, float] = (-60.0, -35.0)
    begun: float = 0.4
    """Share of streams that have begun with the clip: nothing comes before it. Others have a pause there."""
    whole: float = 0.65
    """Share of windows that end when the clip's speech is over, or hold as much of it as they can."""


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What clips may be heard in."""

    noises: Sequence[Samples]
    rooms: Sequence[Samples]
    """Impulse responses."""


def view(
    clip: Samples,
    rng: Generator,
    around: Surroundings,
    recipe: ViewRecipe,
    front_end: FrontEnd,
    *,
    line: Generator | None = None,
) -> Rows:
    """One random window of a clip: the network's input (rows, bands) in [0, 1].

    Where there is a generator for the line, clips that are given equal ones go through the same room, noise, microphone
    and codec.
    """
    sound, rate, hop = clip, front_end.stft.sample_rate, front_end.stft.hop
    if rng.random() < 0.5:
        factor = rng.uniform(1 - recipe.speed, 1 + recipe.speed)
        sound = soxr.resample(sound, rate * factor, rate, quality="MQ").astype(np.float32)
    spoken = np.flatnonzero(speech.activity(sound, rate, hop))
    first, last = (int(spoken[0]), int(spoken[-1]) + 1) if len(spoken) else (0, len(sound) // hop)
    end = _end(rng, first, last, recipe, front_end) * hop
    pause = 0 if rng.random() < recipe.begun else front_end.window
    sound = np.concatenate([np.zeros(pause, np.float32), sound, np.zeros(max(0, end - len(sound)), np.float32)])
    sound = sound[max(0, pause + end + front_end.stft.overlap - front_end.window - rate // 2) :]
    draws = (rng, rng, rng, rng) if line is None else tuple(line.spawn(4))
    changed = _changed(draws, sound[: front_end.window + rate // 2], around, recipe, rate)
    return front_end.scale(front_end.log_rows(changed))


def _end(rng: Generator, first: int, last: int, recipe: ViewRecipe, front_end: FrontEnd) -> int:
    """Where the window ends, in hops of the clip; speech is from `first` to before `last`."""
    rows, second = front_end.rows, front_end.stft.sample_rate // front_end.stft.hop
    latest = last + round(0.6 * second)
    if rng.random() < recipe.whole:
        return int(rng.integers(min(first + rows, last), latest + 1))
    earliest = min(latest, first + round(0.7 * second))
    return int(rng.integers(earliest, latest + 1))


def _changed(
    draws: tuple[Generator, ...], sound: Samples, around: Surroundings, recipe: ViewRecipe, rate: int
) -> Samples:
    """The sound through a random room, noise, microphone and line.

    Each has draws of its own: how many a noise takes depends on its length.
    """
    room, noises, level, rng = draws
    loud = float(np.sqrt(np.quantile(np.square(sound, dtype=np.float64), 0.95))) + 1e-6
    if room.random() < recipe.room:
        measured = len(around.rooms) > 0 and room.random() < 0.5
        response = around.rooms[int(room.integers(len(around.rooms)))] if measured else None
        made = acoustics.room(room, *recipe.rt60_s)
        sound = acoustics.in_room(sound, made if response is None else response[: 2 * rate])
    if noises.random() < recipe.noise:
        recorded = len(around.noises) > 0 and noises.random() < 0.67
        noise = _noise(noises, len(sound), around.noises) if recorded else acoustics.synthetic(noises, len(sound))
        ratio = 10 ** (-level.uniform(*recipe.snr_db) / 20)
        sound = sound + acoustics.unit(noise) * np.float32(0.5 * loud * ratio)
    if rng.random() < recipe.microphone:
        sound = acoustics.microphone(rng, sound)
    else:
        hz = [0.0, 150.0, 400.0, 900.0, 1800.0, 3000.0, 5000.0, 8000.0]
        sound = acoustics.shaped(sound, hz, list(rng.normal(0, recipe.tilt_db, len(hz))))
    if rng.random() < recipe.telephone:
        sound = acoustics.telephone(sound)
    if rng.random() < recipe.quiet:
        gain = 10 ** (rng.uniform(*recipe.quiet_db) / 20) / (float(np.abs(sound).max()) + 1e-9)
        sound = np.rint(sound * np.float32(gain * 32768)) / np.float32(32768)
    changed: Samples = np.ascontiguousarray(sound, np.float32)
    return changed


def _noise(rng: Generator, length: int, noises: Sequence[Samples]) -> Samples:
    """A random stretch of one of the noises, which begins anew at its end."""
    noise = noises[int(rng.integers(len(noises)))]
    start = int(rng.integers(len(noise)))
    return np.take(noise, np.arange(start, start + length), mode="wrap")
