"""A stream through the daemon's own pipeline: the frames and segments that it would publish.

The networks, the speech gate and the decision are those of `serd.scoring.score.make_pipeline`, names and rounded
seconds those of `serd.inference.reporter`; only the socket is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serd.audio.microphone import BLOCK_S
from serd.block import Block, Samples
from serd.events.activation import SURE
from serd.inference.decision import Reason, State
from serd.inference.reporter import Reporter
from serd.scoring.score import make_pipeline


@dataclass(frozen=True, slots=True)
class Frame:
    """What a published frame says of the stream up to `end_s`."""

    end_s: float
    state: State
    reason: Reason
    label: str | None
    """The emotion announced; None unless the state is `emotion`."""
    likeliest: str | None
    """The most probable label, announced or not; None where the emotion network was not asked."""
    confidence: float
    """Its smoothed probability; 0 where the network was not asked."""
    unsure: bool = False
    """Speech of which neither the emotion nor the activation is known, from a network that tells both."""


@dataclass(frozen=True, slots=True)
class Span:
    """A published emotion segment, over."""

    label: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Replay:
    """All that was published of one stream, in its order."""

    stride_s: float
    """Time between two frames."""
    frames: tuple[Frame, ...]
    segments: tuple[Span, ...]

    @property
    def hours(self) -> float:
        """How long the stream was."""
        return len(self.frames) * self.stride_s / 3600


def replay(samples: Samples, model: str) -> Replay:
    """Feed mono samples (n,) at the model's rate in blocks as a microphone's. Raises ConfigError."""
    pipeline = make_pipeline(model)
    reporter = Reporter(pipeline.emotion, pipeline.sample_rate)
    size = round(BLOCK_S * pipeline.sample_rate)
    frames: list[Frame] = []
    segments: list[Span] = []
    for start in range(0, len(samples), size):
        for step in pipeline.push(Block(samples[start : start + size], start, False, 0.0)):
            for event in reporter.step(step):
                if event.kind == "frame":
                    frames.append(_frame(event.data))
                elif event.data["phase"] == "end":
                    segments.append(_span(event.data))
    segments += [_span(reporter.segment(last, False, 0.0).data) for last in pipeline.close("stop")]
    return Replay(pipeline.stride_s, tuple(frames), tuple(segments))


def _frame(data: Mapping[str, Any]) -> Frame:
    named: dict[str, float] = data["probabilities"] or {}
    likeliest = max(named, key=lambda name: named[name]) if named else None
    confidence = named[likeliest] if likeliest else 0.0
    activation = data.get("activation") or {"confidence": 0.0}
    unsure = "activation" in data and data["state"] == "uncertain" and activation["confidence"] < SURE
    return Frame(data["window"]["end_s"], data["state"], data["reason"], data["label"], likeliest, confidence, unsure)


def _span(data: Mapping[str, Any]) -> Span:
    return Span(data["label"], data["window"]["start_s"], data["window"]["end_s"])
