"""The reporter: puts the pipeline's steps, and the daemon's state, into events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from numpy.typing import NDArray

from serd.events.activation import Activation
from serd.events.event import Event
from serd.events.reference import ReferenceUse
from serd.events.status import Status
from serd.inference.decision import State
from serd.inference.model import Model
from serd.inference.quality import Quality
from serd.inference.segment import Segment
from serd.inference.step import Step

Annotate = Callable[[int], dict[str, str] | None]
"""What is played at a place in the stream, in samples, and how its corpus labels it; None where that is not known."""


def unlabelled(_place: int, /) -> None:
    """Nobody labels what a microphone hears."""


class Reporter:
    """Gives names, seconds and rounded numbers to what the pipeline counts in indices and samples."""

    def __init__(self, emotion: Model, sample_rate: int, annotate: Annotate = unlabelled) -> None:
        self._labels = emotion.contract.labels
        self._title = emotion.title
        self._told = emotion.contract.activation is not None
        self._rate = sample_rate
        self._annotate = annotate
        self._overflows = 0
        self._reference: ReferenceUse | None = None

    def step(self, step: Step) -> Iterator[Event]:
        """Segments that ended or began, then the frame."""
        yield from self.segments(step)
        yield self.frame(step)

    def segments(self, step: Step) -> Iterator[Event]:
        """Segments that ended or began."""
        self._overflows, self._reference = step.overflows, step.reference
        for segment in step.segments:
            yield self.segment(segment, step.gap, step.arrived)

    def frame(self, step: Step) -> Event:
        """The stride's frame."""
        decision, scores = step.decision, step.scores
        annotation = self._annotate(scores.end)
        return Event(
            "frame",
            {
                "state": decision.state,
                "reason": decision.reason,
                "label": self._name(decision.label),
                "probabilities": self._named(decision.probabilities),
                "speech": round(scores.speech, 4),
                "confidence": None if decision.confidence is None else round(decision.confidence, 4),
                **self._activation(decision.activation),
                **_reference(step.reference),
                "window": self._window(scores.start, scores.end),
                "quality": _quality(step.quality, step.overflows),
                "gap": step.gap,
                "model": self._title,
                **({} if annotation is None else {"annotation": annotation}),
            },
            step.arrived,
        )

    def segment(self, segment: Segment, gap: bool, arrived: float) -> Event:
        """A segment's start, or its end if it is over."""
        state: State = "emotion"
        over = segment.ended_by is not None
        return Event(
            "segment",
            {
                "segment": str(segment.number),
                "phase": "end" if over else "start",
                "state": state,
                "reason": "confident",
                "label": self._name(segment.label),
                "probabilities": self._named(segment.probabilities),
                "speech": round(segment.speech, 4),
                "confidence": round(float(segment.probabilities[segment.label]), 4),
                **self._activation(segment.activation),
                **_reference(self._reference),
                "window": self._window(segment.start, segment.end),
                "duration_s": round((segment.end - segment.start) / self._rate, 4),
                "ended_by": segment.ended_by,
                "quality": _quality(segment.quality, self._overflows),
                "gap": gap,
                "model": self._title,
            },
            arrived,
        )

    def status(self, status: Status) -> Event:
        """The daemon's state; also its heartbeat."""
        return Event(
            "status",
            {
                "state": status.state,
                "reason": status.reason,
                "device": {
                    "name": status.device,
                    "rate": status.device_rate,
                    "channels": status.device_channels,
                },
                "model": self._title,
                "labels": list(self._labels),
                **_reference(status.reference),
                **({"voices": list(status.voices)} if status.voices else {}),
                "stride_s": status.stride_s,
                "uptime_s": round(status.uptime_s, 3),
                "stream_s": round(status.stream_s, 3),
                "realtime_ratio": status.realtime_ratio,
                "overflows": status.overflows,
                "gaps": status.gaps,
                "skipped": status.skipped,
                "reanchored": status.reanchored,
                "dropped": status.dropped,
                "cpu": status.cpu,
                "synthetic": status.synthetic,
                "live": status.live,
                "version": status.version,
            },
            None,
        )

    def _name(self, label: int | None) -> str | None:
        return None if label is None else self._labels[label]

    def _named(self, probabilities: NDArray[Any] | None) -> dict[str, float] | None:
        if probabilities is None:
            return None
        return {name: round(float(p), 6) for name, p in zip(self._labels, probabilities, strict=True)}

    def _activation(self, probability: float | None) -> dict[str, Any]:
        """The field, in the events of a model that tells it: null where it was not asked."""
        field = None if probability is None else asdict(Activation.of(probability))
        return {"activation": field} if self._told else {}

    def _window(self, start: int, end: int) -> dict[str, float]:
        return {"start_s": round(start / self._rate, 4), "end_s": round(end / self._rate, 4)}


def _reference(use: ReferenceUse | None) -> dict[str, Any]:
    """The field, in the events of a model that can know a reference."""
    return {} if use is None else {"reference": asdict(use)}


def _quality(quality: Quality, overflows: int) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "level": quality.level,
        "bands": list(quality.bands),
        "clipping": quality.clipping,
        "status": quality.status,
        "overflows": overflows,
    }
    if quality.channels is not None:
        fields["channels"] = asdict(quality.channels)
    return fields
