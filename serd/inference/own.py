"""The segments of a voice's own speech: frames in which another voice is heard are left out."""

from __future__ import annotations

from dataclasses import replace

from serd.inference.segment import EndedBy, Segment, SegmentTracker
from serd.inference.step import Step


class OwnSegments:
    """Follows a pipeline's steps in its place; nothing but their segments is changed."""

    def __init__(self, stride: int) -> None:
        """`stride`: the pipeline's, in samples."""
        self._stride, self._tracker = stride, SegmentTracker()

    def step(self, step: Step, foreign: bool) -> Step:
        """The step with the segments that end or begin with it. A `foreign` one ends the open segment."""
        ended = self._tracker.close("gap") if step.gap else []
        decision = replace(step.decision, label=None) if foreign else step.decision
        scores = step.scores
        changes = self._tracker.step(
            decision,
            scores.end - self._stride,
            scores.end,
            scores.probabilities,
            scores.speech,
            quality=step.quality,
            activation=scores.activation,
        )
        return replace(step, segments=(*ended, *changes))

    def close(self, ended_by: EndedBy) -> list[Segment]:
        """End the open segment, if there is one."""
        return self._tracker.close(ended_by)
