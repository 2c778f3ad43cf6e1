"""Scoring of whole recordings: the live pipeline, faster than real time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serd.audio.recording import LOUDEST, RATES
from serd.audio.resampler import Resampler
from serd.audio.source import EndOfStream, Source
from serd.block import Block
from serd.defaults import STRIDE_S
from serd.errors import UsageError
from serd.events.activation import Activation, pool
from serd.inference.decision import LEAST, Reason, State, evidence
from serd.inference.model import SPEECH, Model, default_model, load, softmax
from serd.inference.pipeline import Pipeline, Step
from serd.inference.reporter import Reporter

BLOCK_S = 1.0
"""Length of the blocks that arrays are cut into; any gives the same score."""


@dataclass(frozen=True)
class Score:
    """What serd makes of one recording."""

    label: str | None
    """The likeliest emotion, however likely; None without speech. `state` says whether to trust it."""
    state: State
    reason: Reason
    """As for frames: `emotion` only where the label is likely enough and leads clearly."""
    confidence: float | None
    probabilities: dict[str, float] | None
    """From the mean log-probability over the windows with speech, each weighed by how much speech it holds where the
    model's rules ask for it (`evidence`); None without speech."""
    speech: float
    """Share of the recording with speech, 0 to 1."""
    duration_s: float
    segments: list[dict[str, Any]]
    """The ends of the emotion segments, as the daemon would publish them."""
    windows: list[dict[str, Any]]
    """One for each stride: as the daemon's frames, and `raw`, the network's unsmoothed probabilities."""
    model: str
    activation: dict[str, float] | None = None
    """`value`, the probability of high activation from the mean log-odds over the windows, weighed as the
    probabilities are, and `confidence`; None without speech, or where the model does not tell it."""


def score(samples: NDArray[Any], rate: int, *, model: str | None = None) -> Score:
    """Score samples of shape (n,) or (n, channels), float in ±1 or int16, at `rate` samples per second.

    `model` is a model's name or path; None is the default. Raises UsageError for samples that are no sound and an
    impossible rate, ConfigError for a model that cannot be loaded.
    """
    if not isinstance(rate, Real) or rate not in RATES:
        raise UsageError(f"rate {rate!r}: give samples per second, a whole number in {RATES[0]}..{RATES[-1]}")
    rate, mono = int(rate), _mono(samples)
    pipeline = make_pipeline(model)
    resampler = Resampler(rate, pipeline.sample_rate)
    size = max(1, round(rate * BLOCK_S))

    def blocks() -> Iterator[Block]:
        for start in range(0, len(mono), size):
            yield resampler.push(Block(mono[start : start + size], start, False, 0.0))
        last = resampler.flush()
        if last is not None:
            yield last

    return score_blocks(blocks(), pipeline)


def score_source(source: Source, pipeline: Pipeline, progress: Callable[[float], None] = lambda _: None) -> Score:
    """Score all that a source delivers; `progress` is told the seconds done. Raises SerdError."""

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

    return score_blocks(blocks(), pipeline)


def score_blocks(blocks: Iterator[Block], pipeline: Pipeline) -> Score:
    """Score blocks through a pipeline that has heard nothing yet."""
    steps: list[Step] = []
    end = 0
    for block in blocks:
        steps.extend(pipeline.push(block))
        end = block.end
    steps.extend(pipeline.finish())
    reporter = Reporter(pipeline.emotion, pipeline.sample_rate)
    segments, windows = [], []
    for step in steps:
        for event in reporter.step(step):
            if event.kind == "frame":
                raw = step.scores.probabilities
                windows.append({**event.data, "raw": None if raw is None else [round(float(p), 6) for p in raw]})
            elif event.data["phase"] == "end":
                segments.append(dict(event.data))
    segments += [dict(reporter.segment(last, False, 0.0).data) for last in pipeline.close("stop")]
    spoken = [step for step in steps if step.decision.state != "no-speech"]
    asked = [step.scores for step in steps if step.scores.probabilities is not None]
    weights = [evidence(own.heard_s, pipeline.rules) for own in asked]
    clip = clip_probabilities([own.probabilities for own in asked if own.probabilities is not None], weights)
    labels = pipeline.emotion.contract.labels
    common: dict[str, Any] = {
        "speech": round(len(spoken) / len(steps), 4) if steps else 0.0,
        "duration_s": round(end / pipeline.sample_rate, 4),
        "segments": segments,
        "windows": windows,
        "model": pipeline.emotion.title,
    }
    told = [(own.activation, weight) for own, weight in zip(asked, weights, strict=True) if own.activation is not None]
    if (activation := pool(told)) is not None:
        common["activation"] = asdict(Activation.of(activation))
    if clip is None:
        reason: Reason = "little-speech" if spoken else steps[-1].decision.reason if steps else "silence"
        return Score(None, "uncertain" if spoken else "no-speech", reason, None, None, **common)
    top = int(clip.argmax())
    state, reason = _trust(clip, pipeline)
    named = {name: round(float(p), 6) for name, p in zip(labels, clip, strict=True)}
    return Score(labels[top], state, reason, round(float(clip[top]), 4), named, **common)


def clip_probabilities(windows: Sequence[NDArray[np.float64]], weights: Sequence[float]) -> NDArray[np.float64] | None:
    """The clip's probabilities: the weighted mean log-probability over its windows with speech, normalised."""
    if not len(windows):
        return None
    logs = np.log(np.maximum(np.stack(windows), LEAST))
    return softmax(np.average(logs, axis=0, weights=weights))


def make_pipeline(model: str | None = None, stride_s: float = STRIDE_S) -> Pipeline:
    """A fresh pipeline; the networks are loaded once a process."""
    return Pipeline.assemble(_load(model or default_model(), "emotion"), _load(SPEECH, "speech"), stride_s)


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


def _mono(samples: NDArray[Any]) -> NDArray[np.float32]:
    array = np.asarray(samples)
    if array.ndim not in (1, 2) or array.size == 0:
        raise UsageError(f"samples of shape {array.shape}: give (n,) or (n, channels) with at least one sample")
    if array.ndim == 2 and array.shape[1] > array.shape[0]:
        raise UsageError(f"samples of shape {array.shape}: more channels than samples; transpose them to (n, channels)")
    if array.dtype == np.int16:
        array = array.astype(np.float32) / np.float32(32768)
    if not np.issubdtype(array.dtype, np.floating):
        raise UsageError(f"samples of type {array.dtype}: give float in ±1 or int16")
    mono = (array.mean(axis=1) if array.ndim == 2 else array).astype(np.float32)
    if not (np.abs(mono) <= LOUDEST).all():  # false for NaN
        raise UsageError("samples: some are NaN, infinite or absurd; replace them, or score the parts between them")
    return mono
