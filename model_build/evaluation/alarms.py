"""Emotions announced where nobody speaks, an hour: recorded noise, and steady sounds.

Noise is taken from the folds of ESC-10 that shaped neither the emotion network nor the speech detector. For one
pair of files that is what cross-fitting over the folds leaves; the study's files have their own folds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from model_build.clips.speech import FOLDS, recordings
from model_build.clips.streams import APART, GAINS_DB, made_streams, noise_streams
from model_build.corpora import Utterance
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.replay import Replay, replay
from model_build.evaluation.row import Exposure, Row
from model_build.evaluation.spread import spread
from model_build.evaluation.targets import ALARMS_PER_HOUR, STEADY_ALARMS_PER_HOUR
from model_build.files.progress import Say
from serd.errors import UsageError

LEAST_H = 8.0
"""Hours of recorded noise, alone and in mixtures, at least: orders and partners are drawn anew until then."""
STEADY_H = 1.0
"""Hours of each steady sound."""
STEADY_PARTS = 5
"""Parts of the steady sounds: each hum has its own overtones, and an hour is much to hold in memory at once."""
QUICK_CLIPS = 24
QUICK_GAINS_DB = (0,)
QUICK_STEADY_H = 1 / 180
SEED = 4
AIR = ("noise", "mixtures")
"""Kinds of streams that the target is about."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """What was published of sound in which nobody speaks."""

    hours: float = 0.0
    segments: int = 0
    """Emotions announced."""
    frames: int = 0
    spoken: int = 0
    """Frames in another state than `no-speech`."""
    emotional: int = 0
    """Frames in state `emotion`."""

    def __add__(self, other: Alarms) -> Alarms:
        return Alarms(
            self.hours + other.hours,
            self.segments + other.segments,
            self.frames + other.frames,
            self.spoken + other.spoken,
            self.emotional + other.emotional,
        )

    @property
    def per_hour(self) -> float:
        """Emotions announced in an hour; NaN if nothing was heard."""
        return self.segments / self.hours if self.hours else math.nan


def count_alarms(heard: Replay) -> Alarms:
    """Count one stream."""
    states = [frame.state for frame in heard.frames]
    return Alarms(
        heard.hours,
        len(heard.segments),
        len(states),
        sum(state != "no-speech" for state in states),
        states.count("emotion"),
    )


def total(counts: Iterable[Mapping[str, Alarms]]) -> dict[str, Alarms]:
    """Counts by kind of sound, summed over all streams."""
    summed: dict[str, Alarms] = {}
    for one in counts:
        for kind, counted in one.items():
            summed[kind] = summed.get(kind, Alarms()) + counted
    return summed


def rows(subject: ModelUnderTest, say: Say, quick: bool) -> Iterator[Row]:
    """False emotions in noise and in steady sounds. Raises UsageError, ConfigError."""
    yield _noise_row(subject, say, quick)
    yield _steady_row(subject, say, quick)


def _noise_row(subject: ModelUnderTest, say: Say, quick: bool) -> Row:
    folds = subject.unheard_folds() or tuple(map(str, FOLDS))
    heard: Exposure = "unseen" if subject.unheard_folds() else "seen"
    clips = tuple(u for u in recordings(subject.data, "esc-10") if u.fold in folds)
    if quick:
        clips = clips[:: max(1, len(clips) // QUICK_CLIPS)]
    gains = QUICK_GAINS_DB if quick else GAINS_DB
    if not any(clip.sound not in APART for clip in clips):
        raise UsageError(f"{subject.data}: nothing of ESC-10's fold {', '.join(folds)}; fetch the corpus whole")
    work = partial(_noise, subject.model, clips, gains)
    by_kind = total([work(0)])
    once = sum(by_kind[kind].hours for kind in AIR)
    rounds = 1 if quick else math.ceil(LEAST_H / once)
    say(f"false emotions: round 1 of {rounds}")
    for number, counts in enumerate(spread(work, range(1, rounds), subject.jobs), 2):
        by_kind = total([by_kind, counts])
        say(f"false emotions: round {number} of {rounds}")
    air = by_kind["noise"] + by_kind["mixtures"]
    apart = {kind: by_kind[kind] for kind in APART.values() if kind in by_kind}
    return Row(
        "false emotions: noise",
        f"emotion segments an hour, ESC-10 fold {', '.join(folds)} without baby cries and sneezes: "
        f"{sum(clip.sound not in APART for clip in clips)} clips in random order and mixed in pairs, at "
        f"{', '.join(f'{gain:+d}' for gain in gains)} dB, rounds: {rounds}; {air.hours:.1f} h",
        air.per_hour,
        "per hour",
        heard,
        most=ALARMS_PER_HOUR,
        count=round(air.hours),
        detail={
            "hours": air.hours,
            "segments": air.segments,
            **{f"{kind}, per hour": by_kind[kind].per_hour for kind in AIR},
            "frames with speech": air.spoken / air.frames,
            "frames with emotion": air.emotional / air.frames,
            **{f"{kind}, per hour": one.per_hour for kind, one in apart.items()},
            **{f"{kind}, hours": one.hours for kind, one in apart.items()},
        },
    )


def _steady_row(subject: ModelUnderTest, say: Say, quick: bool) -> Row:
    hours, parts = (QUICK_STEADY_H, 1) if quick else (STEADY_H, STEADY_PARTS)
    by_kind: dict[str, Alarms] = {}
    for part, counts in enumerate(
        spread(partial(_steady, subject.model, hours * 3600 / parts), range(parts), subject.jobs), 1
    ):
        by_kind = total([by_kind, counts])
        say(f"steady sounds: part {part} of {parts}")
    every = total({"all": one} for one in by_kind.values())["all"]
    return Row(
        "false emotions: steady sounds",
        f"emotion segments an hour, {3600 * hours:.0f} s each of {', '.join(by_kind)}, all but the silent ones at "
        f"{', '.join(f'{gain:+d}' for gain in GAINS_DB)} dB in turn; {every.hours:.1f} h",
        every.per_hour,
        "per hour",
        "none",
        most=STEADY_ALARMS_PER_HOUR,
        count=round(every.hours),
        detail={
            "hours": every.hours,
            "segments": every.segments,
            "frames with speech": every.spoken / every.frames,
            **{f"{kind}, per hour": one.per_hour for kind, one in by_kind.items()},
        },
    )


def _noise(model: str, clips: Sequence[Utterance], gains: Sequence[float], number: int) -> dict[str, Alarms]:
    """One round over the clips: every gain, alone and mixed."""
    streams = noise_streams(np.random.default_rng([SEED, number]), clips, gains)
    return total({kind: count_alarms(replay(samples, model))} for kind, samples in streams)


def _steady(model: str, seconds: float, part: int) -> dict[str, Alarms]:
    streams = made_streams(np.random.default_rng([SEED, part]), seconds)
    return total({kind: count_alarms(replay(samples, model))} for kind, samples in streams)
