"""Scoring of whole recordings: the live pipeline, faster than real time."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import lru_cache
from numbers import Real
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from serd.audio.mix import Mixer
from serd.audio.reader import RATES
from serd.audio.resampler import Resampler
from serd.audio.source import EndOfStream, Source
from serd.block import Block
from serd.defaults import STRIDE_S
from serd.errors import UsageError
from serd.events.activation import Activation
from serd.inference.decision import Reason, State, evidence
from serd.inference.model import SPEECH, Model, default_model, load
from serd.inference.pipeline import Pipeline, Step
from serd.inference.reporter import Reporter
from serd.scoring.bandwidth import Bandwidth
from serd.scoring.clip import ClipMean, SingleChannelCount
from serd.scoring.recordings import source as recording
from serd.scoring.result import Score, Take
from serd.scoring.samples import frames
from serd.system.paths import at_home

__all__ = ["Score", "Take", "make_pipeline", "score", "score_blocks", "score_source"]

BLOCK_S = 1.0
"""Length of the blocks that arrays are cut into; any gives the same score."""


def ignore_window(_: dict[str, Any]) -> None:
    """Give this for windows where nobody wants them: then they are not put together either."""


def score(
    sound: str | os.PathLike[str] | NDArray[Any],
    rate: int | None = None,
    *,
    model: str | None = None,
    channel: int | Literal["mix"] = "mix",
) -> Score:
    """Score a recording: a path, or samples (n,) or (n, channels) at `rate` samples per second; from any threads.

    A file is whatever `serd score` reads; the rate is its own. Samples are floats in ±1 (half to long double), or
    whole numbers over the full span of their type: int8, int16, int32, or uint8 with 128 for silence, as 8-bit WAV has
    it. Byte order, strides and a write protection do not matter. `model` is a model's name or path, None the default;
    `channel` is 1-based, or "mix" for all (`serd.audio.mix`).

    Raises UsageError for a file that cannot be heard, for samples that are no sound or whose full scale cannot be told
    (int64, 24 bits in the low end of int32), and for an impossible rate; ConfigError for a model that cannot be loaded.
    """
    if isinstance(sound, str | os.PathLike):
        if rate is not None:
            raise UsageError(f"rate {rate!r}: a file has its own; give the path alone")
        pipeline = make_pipeline(model)
        return score_source(recording(Path(at_home(os.fspath(sound))), pipeline.sample_rate, channel), pipeline)
    if not isinstance(rate, Real) or rate not in RATES:
        raise UsageError(f"rate {rate!r}: give samples per second, a whole number in {RATES[0]}..{RATES[-1]}")
    rate, array = int(rate), frames(sound)
    if channel != "mix" and channel not in range(1, array.shape[1] + 1):
        raise UsageError(f"samples: have no channel {channel!r}; give 1 to {array.shape[1]}, or mix")
    mixer = Mixer(array.shape[1], rate, channel)
    pipeline = make_pipeline(model)
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
        source.open()
        try:
            while True:
                try:
                    block = source.read(timeout=60)
                except EndOfStream:
                    return
                if block is not None:
                    yield block
                    progress(block.end / pipeline.sample_rate)
        finally:
            source.close()

    return score_blocks(blocks(), pipeline, segments=segments, windows=windows)


def score_blocks(
    blocks: Iterable[Block], pipeline: Pipeline, *, segments: Take | None = None, windows: Take | None = None
) -> Score:
    """Score blocks through a pipeline that has heard nothing yet.

    `segments` and `windows` are handed each one as it comes, and the score then has none of them: with both the
    memory needed does not depend on the recording's length.
    """
    kept_segments: list[dict[str, Any]] = []
    kept_windows: list[dict[str, Any]] = []
    take_segment, take_window = segments or kept_segments.append, windows or kept_windows.append
    reporter = Reporter(pipeline.emotion, pipeline.sample_rate)
    clip, alone, bandwidth = ClipMean(), SingleChannelCount(), Bandwidth()
    count = spoken = end = 0
    last: Step | None = None

    def steps() -> Iterator[Step]:
        nonlocal end
        for block in blocks:
            end = block.end
            yield from pipeline.push(block)
        yield from pipeline.finish()

    for last in steps():
        count += 1
        spoken += last.decision.state != "no-speech"
        alone.add(last.quality.channels)
        if last.decision.state != "no-speech":
            bandwidth.add(last.quality.bands)
        raw = last.scores.probabilities
        if raw is not None:
            clip.add(raw, evidence(last.scores.heard_s, pipeline.rules), last.scores.activation)
        for event in reporter.segments(last) if windows is ignore_window else reporter.step(last):
            if event.kind == "frame":
                take_window({**event.data, "raw": None if raw is None else [round(float(p), 6) for p in raw]})
            elif event.data["phase"] == "end":
                take_segment(dict(event.data))
    for segment in pipeline.close("stop"):
        take_segment(dict(reporter.segment(segment, False, 0.0).data))
    common: dict[str, Any] = {
        "speech": round(spoken / count, 4) if count else 0.0,
        "duration_s": round(end / pipeline.sample_rate, 4),
        "segments": kept_segments,
        "windows": kept_windows,
        "model": pipeline.emotion.title,
        "channels": alone.summary(count),
        "band_limited": bandwidth.is_limited,
    }
    if clip.activation is not None:
        common["activation"] = asdict(Activation.of(clip.activation))
    mean = clip.probabilities
    if mean is None:
        reason: Reason = "little-speech" if spoken else last.decision.reason if last else "silence"
        return Score(None, "uncertain" if spoken else "no-speech", reason, None, None, **common)
    top = int(mean.argmax())
    state, reason = _trust(mean, pipeline)
    labels = pipeline.emotion.contract.labels
    named = {name: round(float(p), 6) for name, p in zip(labels, mean, strict=True)}
    return Score(labels[top], state, reason, round(float(mean[top]), 4), named, **common)


def make_pipeline(
    model: str | None = None, stride_s: float = STRIDE_S, overrides: Mapping[str, float] | None = None
) -> Pipeline:
    """A fresh pipeline, for any one thread at a time; the networks are loaded once a process and shared.

    `overrides` are rules of the decision by their names. Raises ConfigError.
    """
    with _loading:  # of threads that want the same model at once, one loads it and the others wait
        emotion, speech = _load(model or default_model(), "emotion"), _load(SPEECH, "speech")
    return Pipeline.assemble(emotion, speech, stride_s, overrides)


_loading = threading.Lock()


@lru_cache(maxsize=4)
def _load(name: str, task: str) -> Model:
    return load(name, task)


def _trust(clip: NDArray[np.float64], pipeline: Pipeline) -> tuple[State, Reason]:
    best, second = np.sort(clip)[::-1][:2]
    if best < pipeline.rules.emotion_on:
        return "uncertain", "low-confidence"
    if best - second < pipeline.rules.margin:
        return "uncertain", "ambiguous"
    return "emotion", "confident"
