"""serd/events/reading.py: what a serd sends is read; what a stranger sends is refused, whatever it is."""

from __future__ import annotations

import copy
import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serd.events.event import envelope as wrap
from serd.events.reading import Activation, FrameEvent, Reading, SegmentEvent, StatusEvent, read
from tests.support import envelopes, wire

NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, UTC)


def sent(event: Any) -> dict[str, Any]:
    """The envelope as it comes out of JSON again."""
    body = wrap(event, source="room", session="s", sequence=3, id="x", time=NOW, now=event.arrived or 0.0)
    return json.loads(json.dumps(wire.valid(body)))


def test_a_frame_is_read_with_all_that_it_says() -> None:
    frame = read(sent(wire.frame(4)))
    assert isinstance(frame, FrameEvent)
    assert (frame.kind, frame.source, frame.session, frame.sequence, frame.id) == ("frame", "room", "s", 3, "x")
    assert frame.sent == NOW
    assert (frame.state, frame.label, frame.confidence) == ("emotion", "happy", 0.7)
    assert frame.probabilities == {"happy": 0.7, "sad": 0.2, "calm": 0.1}
    assert (frame.start_s, frame.end_s, frame.level, frame.input) == (1.0, 4.0, -23.4, "ok")
    assert frame.activation is None
    assert frame.envelope["data"]["quality"]["bands"][0] == -42.0, "the whole event is at hand"


def test_activation_is_read_where_the_model_tells_it() -> None:
    body = sent(wire.frame())
    body["data"]["activation"] = {"value": 0.9, "confidence": 0.9}
    frame = read(body)
    assert isinstance(frame, FrameEvent)
    assert frame.activation == Activation(value=0.9, confidence=0.9)


def test_a_frame_without_speech_has_no_label() -> None:
    frame = read(sent(wire.quiet()))
    assert isinstance(frame, FrameEvent)
    assert (frame.state, frame.label, frame.probabilities, frame.confidence) == ("no-speech", None, None, None)


def test_segments_and_statuses_are_read() -> None:
    end = read(sent(wire.segment(7, "mute")))
    assert isinstance(end, SegmentEvent)
    assert (end.segment, end.phase, end.ended_by, end.duration_s) == ("7", "end", "mute", 1.5)
    status = read(sent(wire.status("muted")))
    assert isinstance(status, StatusEvent)
    assert (status.state, status.labels, status.stride_s) == ("muted", ("happy", "sad", "calm"), 0.25)
    assert (status.device, status.realtime_ratio, status.skipped) == ("Mikrofon (Küche)", None, 0)


WRONG = [
    ("type", "serd.v2.frame"), ("type", "serd.v1.other"), ("source", "Room"), ("source", ""), ("source", "a/b"),
    ("id", ""), ("id", 7), ("time", "yesterday"), ("time", "2026-01-02T03:04:05"), ("data", []), ("data", None),
    ("data.session", None), ("data.sequence", -1), ("data.sequence", True), ("data.sequence", 1.0),
    ("data.state", "joyful"), ("data.label", None), ("data.label", "a\nb"), ("data.label", "x" * 65),
    ("data.probabilities", {}), ("data.probabilities", {"a": 2}), ("data.probabilities", {"a": "1"}),
    ("data.speech", None), ("data.speech", math.inf), ("data.confidence", None), ("data.window", 3),
    ("data.window", {"start_s": 0}), ("data.latency_ms", -1), ("data.quality", {}), ("data.gap", 0),
    ("data.model", "\0"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_what_is_wrong_is_refused_by_the_name_of_its_field(field: str, value: Any) -> None:
    body = sent(wire.frame())
    place = body
    for part in field.split(".")[:-1]:
        place = place[part]
    place[field.rpartition(".")[2]] = value
    with pytest.raises(ValueError, match=r"is (wrong|no object)|does not go with"):
        read(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
SEEDS = [sent(event) for event in (wire.frame(), wire.quiet(), wire.segment(), wire.segment(1, "gap"), wire.status())]
SEEDS += [envelopes.frame(0), envelopes.emotion(0), envelopes.status(0)]


def paths(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for name, part in value.items():
            found += paths(part, (*path, name))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    body = copy.deepcopy(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(paths(body)))
        place = body
        for part in path[:-1]:
            place = place.get(part) if isinstance(place, dict) else None
        if isinstance(place, dict):
            if draw(st.booleans()):
                place[path[-1]] = draw(JSON)
            else:
                place.pop(path[-1], None)
    return body


def sane(event: Reading) -> None:
    """What every bridge relies on."""
    assert event.sent.utcoffset() is not None
    if isinstance(event, StatusEvent):
        assert 1 <= len(event.labels) <= 64
        assert event.stride_s > 0
        return
    assert (event.label is not None) == (event.state == "emotion")
    assert 0 <= event.speech <= 1
    assert event.confidence is None or 0 <= event.confidence <= 1
    assert event.label is None or (event.label.isprintable() and len(event.label) <= 64)


@settings(max_examples=300, deadline=None)
@given(JSON | mutated())
def test_whatever_comes_is_read_or_refused_and_nothing_else(body: Any) -> None:
    try:
        event = read(body)
    except ValueError as refusal:
        text = str(refusal)
    else:
        sane(event)
        text = "read"
    assert text.isprintable()
    assert len(text) < 300


def test_the_seeds_of_the_mutations_are_good() -> None:
    for seed in SEEDS:
        sane(read(seed))
