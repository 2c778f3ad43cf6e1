"""The scoring of one stream: blocks in, a score at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serd.block import Block
from serd.events.activation import Activation
from serd.inference.crosstalk import Other, beside, nobody
from serd.inference.decision import Reason, State, evidence
from serd.inference.own import OwnSegments
from serd.inference.pipeline import Pipeline
from serd.inference.reporter import Reporter
from serd.inference.step import Step
from serd.scoring.bandwidth import Bandwidth
from serd.scoring.clip import ClipMean, SingleChannelCount
from serd.scoring.result import Score, Take


def ignore_window(_: dict[str, Any]) -> None:
    """Give this for windows where nobody wants them: then they are not put together either."""


class Scoring:
    """Takes blocks through a pipeline that has heard nothing yet."""

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        segments: Take | None = None,
        windows: Take | None = None,
        other: Other = nobody,
        drop: bool = False,
    ) -> None:
        """`segments` and `windows` are handed each one as it comes, and the score then has none of them: with both the
        memory needed does not depend on the recording's length. `drop` leaves windows in which `other` finds another
        voice out of segments."""
        self._pipeline = pipeline
        self._reporter = Reporter(pipeline.emotion, pipeline.sample_rate)
        self._segments: list[dict[str, Any]] = []
        self._windows: list[dict[str, Any]] = []
        self._take_segment, self._take_window = segments or self._segments.append, windows or self._windows.append
        self._terse = windows is ignore_window
        self._other, self._own = other, OwnSegments(pipeline.stride) if drop else None
        self._clip, self._alone, self._bandwidth = ClipMean(), SingleChannelCount(), Bandwidth()
        self._count = self._spoken = self._end = 0
        self._last: Step | None = None

    def push(self, block: Block) -> None:
        """Take the stream's next block."""
        self._end = block.end
        self._take(self._pipeline.push(block))

    def score(self) -> Score:
        """What all of it comes to: the stream has ended."""
        pipeline = self._pipeline
        self._take(pipeline.finish())
        count = self._count
        ended = pipeline.close("stop")
        for segment in ended if self._own is None else self._own.close("stop"):
            self._take_segment(dict(self._reporter.segment(segment, False, 0.0).data))
        clip = self._clip
        common: dict[str, Any] = {
            "speech": round(self._spoken / count, 4) if count else 0.0,
            "duration_s": round(self._end / pipeline.sample_rate, 4),
            "segments": self._segments,
            "windows": self._windows,
            "model": pipeline.emotion.title,
            "channels": self._alone.summary(count),
            "band_limited": self._bandwidth.is_limited,
        }
        if pipeline.reference is not None:
            common["reference"] = asdict(pipeline.reference)
        if clip.activation is not None:
            common["activation"] = asdict(Activation.of(clip.activation))
        mean = clip.probabilities
        if mean is None:
            last = self._last
            reason: Reason = "little-speech" if self._spoken else last.decision.reason if last else "silence"
            return Score(None, "uncertain" if self._spoken else "no-speech", reason, None, None, **common)
        top = int(mean.argmax())
        state, reason = _trust(mean, pipeline)
        labels = pipeline.emotion.contract.labels
        named = {name: round(float(p), 6) for name, p in zip(labels, mean, strict=True)}
        return Score(labels[top], state, reason, round(float(mean[top]), 4), named, **common)

    def _take(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self._last = step
            self._count += 1
            spoken = step.decision.state != "no-speech"
            self._spoken += spoken
            self._alone.add(step.quality.channels)
            if spoken:
                self._bandwidth.add(step.quality.bands)
            raw = step.scores.probabilities
            if raw is not None:
                self._clip.add(raw, evidence(step.scores.heard_s, self._pipeline.rules), step.scores.activation)
            self._report(step)

    def _report(self, step: Step) -> None:
        raw = step.scores.probabilities
        other = None if step.decision.state == "no-speech" else self._other(step.scores.end)
        if self._own is not None:
            step = self._own.step(step, other is not None)
        for event in self._reporter.segments(step) if self._terse else self._reporter.step(step):
            if event.kind == "frame":
                data = beside(event, other).data
                self._take_window({**data, "raw": None if raw is None else [round(float(p), 6) for p in raw]})
            elif event.data["phase"] == "end":
                self._take_segment(dict(event.data))


def _trust(clip: NDArray[np.float64], pipeline: Pipeline) -> tuple[State, Reason]:
    best, second = np.sort(clip)[::-1][:2]
    if best < pipeline.rules.emotion_on:
        return "uncertain", "low-confidence"
    if best - second < pipeline.rules.margin:
        return "uncertain", "ambiguous"
    return "emotion", "confident"
