"""serd.inference.reporter: events that fit the schema, in seconds and names."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from serd.block import Block
from serd.events.event import envelope, schema
from serd.events.status import Status
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.inference.reporter import Reporter
from tests.support.speech import DEMO, read

MODEL = "serd-small"
"""What is reported of activation, test_activation tells."""


@pytest.fixture(scope="module")
def told() -> list:
    """(step, events) of the synthetic recording's first 20 s."""
    emotion = load(MODEL)
    pipeline = Pipeline.assemble(
        emotion, load(SPEECH, "speech"), 0.25, {"emotion_on": 0.2, "emotion_off": 0.1, "margin": 0.0}
    )
    reporter = Reporter(emotion, 16000)
    samples = read(DEMO)[: 20 * 16000]
    return [(step, list(reporter.step(step))) for step in pipeline.push(Block(samples, 0, False, 0.0))]


def test_every_step_is_one_frame_after_its_segments(told: list):
    for step, events in told:
        assert [event.kind for event in events] == ["segment"] * len(step.segments) + ["frame"]


def test_probabilities_are_named_and_sum_to_one(told: list):
    labels = load(MODEL).contract.labels
    frames = [events[-1].data for _, events in told]
    spoken = [frame for frame in frames if frame["probabilities"] is not None]
    assert spoken
    for frame in spoken:
        assert tuple(frame["probabilities"]) == labels
        assert sum(frame["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert all(frame["probabilities"] is None for frame in frames if frame["state"] == "no-speech")


def test_windows_are_in_seconds_of_the_stream(told: list):
    step, events = told[-1]
    window = events[-1].data["window"]
    assert window["end_s"] == pytest.approx(step.scores.end / 16000, abs=1e-4)
    assert window["end_s"] - window["start_s"] == pytest.approx(48262 / 16000, abs=1e-3)


def test_a_segment_ends_under_the_name_it_began_with(told: list):
    segments = [event.data for _, events in told for event in events if event.kind == "segment"]
    assert segments
    for start, end in zip(segments[::2], segments[1::2], strict=False):
        assert (start["phase"], end["phase"]) == ("start", "end")
        assert (start["segment"], start["label"]) == (end["segment"], end["label"])
        assert end["duration_s"] == pytest.approx(end["window"]["end_s"] - end["window"]["start_s"], abs=1e-3)
        assert start["ended_by"] is None
        assert end["ended_by"] == "change"


def test_a_segment_tells_the_quality_of_its_own_loudest_frame(told: list):
    events = [event for _, events in told for event in events]
    frames = [event.data for event in events if event.kind == "frame" and event.data["state"] == "emotion"]
    ends = [event.data for event in events if event.kind == "segment" and event.data["phase"] == "end"]
    assert ends
    for end in ends:
        first, last = (end["window"][edge] for edge in ("start_s", "end_s"))
        own = [frame["quality"] for frame in frames if first < frame["window"]["end_s"] <= last]
        assert end["quality"] == max(own, key=lambda quality: quality["level"])


def test_every_event_fits_the_schema(told: list):
    check = Draft202012Validator(schema())
    status = Status("listening", "", "vmic", 48000, 2, 0.25, 1.0, 1.0, None, 0, 0, 0, None, False, "0.1.0")
    events = [event for _, events in told for event in events] + [Reporter(load(MODEL), 16000).status(status)]
    for k, event in enumerate(events):
        check.validate(
            envelope(
                event, source="test", session="s", sequence=k, id=str(k), time=datetime.now(UTC), now=time.monotonic()
            )
        )


def test_there_is_no_sound_in_an_event(told: list):
    longest = max(len(str(event.data)) for _, events in told for event in events)
    assert longest < 1200
    assert not any(
        isinstance(value, np.ndarray) for _, events in told for event in events for value in event.data.values()
    )


def test_what_plays_is_told_by_its_place_in_the_stream(told: list):
    def annotate(place: int) -> dict[str, str] | None:
        return {"label": "bored", "recording": "03a01La.wav"} if place > 10 * 16000 else None

    reporter = Reporter(load(MODEL), 16000, annotate)
    for step, events in told:
        *_, frame = reporter.step(step)
        late = step.scores.end > 10 * 16000
        assert frame.data.get("annotation") == (annotate(step.scores.end) if late else None)
        assert "annotation" not in events[-1].data
