"""Scoring of whole recordings: the live pipeline, faster than real time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from numbers import Real
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from serd.audio.mix import Mixer
from serd.audio.reader import RATES
from serd.audio.resampler import Resampler
from serd.audio.source import EndOfStream, Source
from serd.block import Block
from serd.defaults import STRIDE_S
from serd.errors import UsageError
from serd.inference.model import SPEECH, Model, default_model, load
from serd.inference.pipeline import Pipeline
from serd.inference.profile import Profile
from serd.scoring.recordings import source as recording
from serd.scoring.result import Score, Take
from serd.scoring.samples import frames
from serd.scoring.scoring import Scoring, ignore_window
from serd.system.paths import at_home

__all__ = ["Score", "Take", "ignore_window", "make_pipeline", "score", "score_blocks", "score_source"]

BLOCK_S = 1.0
"""Length of the blocks that arrays are cut into; any gives the same score."""


def score(
    sound: str | os.PathLike[str] | NDArray[Any],
    rate: int | None = None,
    *,
    model: str | None = None,
    channel: int | Literal["mix"] = "mix",
    reference: str | os.PathLike[str] | Profile | None = None,
) -> Score:
    """Score a recording: a path, or samples (n,) or (n, channels) at `rate` samples per second; from any threads.

    A file is whatever `serd score` reads; the rate is its own. Samples are floats in ±1 (half to long double), or
    whole numbers over the full span of their type: int8, int16, int32, or uint8 with 128 for silence, as 8-bit WAV has
    it. Byte order, strides and a write protection do not matter. `model` is a model's name or path, None the default;
    `channel` is 1-based, or "mix" for all (`serd.audio.mix`). `reference` is the profile of who speaks, or its path, as
    `serd enrol` makes it; without one the voice is compared with nothing, not even with what it said before.

    Raises UsageError for a file that cannot be heard, for samples that are no sound or whose full scale cannot be told
    (int64, 24 bits in the low end of int32), and for an impossible rate; ConfigError for a model that cannot be loaded
    and for a profile that is damaged or another model's.
    """
    profile = reference if reference is None or isinstance(reference, Profile) else _profile(reference)
    if isinstance(sound, str | os.PathLike):
        if rate is not None:
            raise UsageError(f"rate {rate!r}: a file has its own; give the path alone")
        pipeline = make_pipeline(model, profile=profile)
        return score_source(recording(Path(at_home(os.fspath(sound))), pipeline.sample_rate, channel), pipeline)
    if not isinstance(rate, Real) or rate not in RATES:
        raise UsageError(f"rate {rate!r}: give samples per second, a whole number in {RATES[0]}..{RATES[-1]}")
    rate, array = int(rate), frames(sound)
    if channel != "mix" and channel not in range(1, array.shape[1] + 1):
        raise UsageError(f"samples: have no channel {channel!r}; give 1 to {array.shape[1]}, or mix")
    mixer = Mixer(array.shape[1], rate, channel)
    pipeline = make_pipeline(model, profile=profile)
    resampler = Resampler(rate, pipeline.sample_rate)
    size = max(1, round(rate * BLOCK_S))

    def blocks() -> Iterator[Block]:
        for start in range(0, len(array), size):
            mono, changes = mixer.push(array[start : start + size])
            yield resampler.push(Block(mono, start, False, 0.0, changes=changes))
        last = resampler.flush()
        if last is not None:
            yield last

    return score_blocks(blocks(), pipeline)


def score_source(
    source: Source,
    pipeline: Pipeline,
    progress: Callable[[float], None] = lambda _: None,
    *,
    segments: Take | None = None,
    windows: Take | None = None,
) -> Score:
    """Score all that a source delivers; `progress` is told the seconds done, the rest is as for `score_blocks`.

    Raises SerdError.
    """

    def blocks() -> Iterator[Block]:
        for block in blocks_of(source):
            yield block
            progress(block.end / pipeline.sample_rate)

    return score_blocks(blocks(), pipeline, segments=segments, windows=windows)


def blocks_of(source: Source) -> Iterator[Block]:
    """Open a source, and take all that it delivers. Raises SerdError."""
    source.open()
    try:
        while True:
            try:
                block = source.read(timeout=60)
            except EndOfStream:
                return
            if block is not None:
                yield block
    finally:
        source.close()


def score_blocks(
    blocks: Iterable[Block], pipeline: Pipeline, *, segments: Take | None = None, windows: Take | None = None
) -> Score:
    """Score blocks through a pipeline that has heard nothing yet; the rest is as for `Scoring`."""
    scoring = Scoring(pipeline, segments=segments, windows=windows)
    for block in blocks:
        scoring.push(block)
    return scoring.score()


def make_pipeline(
    model: str | None = None,
    stride_s: float = STRIDE_S,
    overrides: Mapping[str, float] | None = None,
    *,
    profile: Profile | None = None,
) -> Pipeline:
    """A fresh pipeline, for any one thread at a time; the networks are loaded once a process and shared.

    `overrides` are rules of the decision by their names; `profile` is of who speaks. Raises ConfigError.
    """
    with _loading:  # of threads that want the same model at once, one loads it and the others wait
        emotion, speech = _load(model or default_model(), "emotion"), _load(SPEECH, "speech")
    known = None if profile is None else profile.reference_for(emotion.contract)
    return Pipeline.assemble(emotion, speech, stride_s, overrides, known)


def _profile(path: str | os.PathLike[str]) -> Profile:
    return Profile.read(Path(at_home(os.fspath(path))))


_loading = threading.Lock()


@lru_cache(maxsize=4)
def _load(name: str, task: str) -> Model:
    return load(name, task)
