"""Events, their envelopes and the schema."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.errors import UsageError
from serd.events.event import KINDS, Event, encode, envelope, schema, topic
from tests.support import wire
from tests.support.speech import DEMO

NAMES = st.from_regex(r"[a-z0-9_-]{1,64}", fullmatch=True)
MORNING = datetime(2026, 1, 31, 9, 30, 12, 503_900, tzinfo=UTC)


def wrap(event: Event, **changes: Any) -> dict[str, Any]:
    fixed = {"source": "mic", "session": "s1", "sequence": 7, "id": "a-b", "time": MORNING, "now": 100.0}
    return envelope(event, **{**fixed, **changes})


def test_a_topic_names_version_source_and_kind() -> None:
    assert topic("kitchen_2-b", "segment") == "serd.v1.kitchen_2-b.segment."


@given(NAMES, NAMES)
def test_no_topic_is_the_beginning_of_another(one: str, other: str) -> None:
    topics = [topic(source, kind) for source in {one, other} for kind in KINDS]
    assert not any(a != b and b.startswith(a) for a in topics for b in topics)


@pytest.mark.parametrize("source", ["", "Kitchen", "a.b", "a b", "küche", "a\n", "a" * 65])
def test_a_source_that_cannot_be_part_of_a_topic_is_refused(source: str) -> None:
    with pytest.raises(UsageError, match="give 1 to 64"):
        topic(source, "frame")


def test_an_envelope_has_the_names_of_cloudevents() -> None:
    body = wire.valid(wrap(wire.status()))
    assert {name: value for name, value in body.items() if name != "data"} == {
        "specversion": "1.0",
        "id": "a-b",
        "source": "mic",
        "type": "serd.v1.status",
        "time": "2026-01-31T09:30:12.503Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:serd:events:v1",
    }


def test_time_is_utc_wherever_the_machine_is() -> None:
    nepal = timezone(timedelta(hours=5, minutes=45))
    assert wrap(wire.status(), time=MORNING.astimezone(nepal))["time"] == "2026-01-31T09:30:12.503Z"


def test_data_begins_with_session_and_sequence_and_keeps_its_order() -> None:
    event = wire.frame()
    names = list(wrap(event)["data"])
    assert names[:3] == ["session", "sequence", "state"]
    assert names[names.index("window") + 1] == "latency_ms"
    assert [name for name in names[2:] if name != "latency_ms"] == list(event.data)


def test_latency_is_the_time_from_arrival_to_send_and_never_negative() -> None:
    data = wire.frame().data
    assert wrap(Event("frame", data, 99.9875))["data"]["latency_ms"] == 12.5
    assert wrap(Event("frame", data, 100.5))["data"]["latency_ms"] == 0
    assert "latency_ms" not in wrap(wire.status())["data"]


def test_json_is_compact_utf_8_with_numbers_as_given() -> None:
    assert encode({"name": "Küche", "p": 0.1, "n": 3}) == '{"name":"Küche","p":0.1,"n":3}'.encode()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_cannot_say_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode({"p": number})


def test_a_device_name_that_is_no_text_still_makes_utf_8() -> None:
    name = b"Mikrofon \xff".decode("utf-8", "surrogateescape")
    assert json.loads(encode({"name": name}).decode("utf-8")) == {"name": "Mikrofon ?"}


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$id"] == wrap(wire.status())["dataschema"]


EVENTS = {
    "frame": wire.frame(),
    "quiet": wire.quiet(),
    "start": wire.segment(),
    "end": wire.segment(0, "gap"),
    "status": wire.status(),
}


@pytest.mark.parametrize("name", EVENTS)
def test_the_schema_accepts_every_kind_and_fields_of_later_versions(name: str) -> None:
    body = wire.valid(wrap(EVENTS[name]))
    body["later"] = body["data"]["later"] = {"any": ["thing"]}
    for part in ("window", "quality", "device"):
        if part in body["data"]:
            body["data"][part] = {**body["data"][part], "later": 1}
    wire.valid(body)


@pytest.mark.parametrize("name", EVENTS)
def test_the_schema_misses_every_field_that_is_missing(name: str) -> None:
    body = wrap(EVENTS[name])
    for key in body.keys() - {"datacontenttype"}:
        assert not wire.is_valid({k: v for k, v in body.items() if k != key}), key
    for key in body["data"]:
        data = {k: v for k, v in body["data"].items() if k != key}
        assert not wire.is_valid({**body, "data": data}), key


def test_a_frame_with_too_little_speech_has_no_probabilities_yet() -> None:
    early = {"state": "uncertain", "reason": "little-speech", "label": None, "confidence": None, "probabilities": None}
    wire.valid(wrap(Event("frame", {**wire.frame().data, **early}, 1.0)))


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("frame", "specversion", "0.3"),
        ("frame", "id", ""),
        ("frame", "source", "Kitchen"),
        ("frame", "type", "serd.v1.status"),
        ("frame", "type", "serd.v2.frame"),
        ("frame", "time", "2026-01-31T09:30:12.503+01:00"),
        ("frame", "dataschema", "urn:serd:events:v2"),
        ("frame", "data.sequence", -1),
        ("frame", "data.sequence", 1.5),
        ("frame", "data.sequence", "1"),
        ("frame", "data.session", ""),
        ("frame", "data.state", "speech"),
        ("frame", "data.reason", "because"),
        ("frame", "data.reason", "silence"),  # of another state
        ("frame", "data.label", None),
        ("quiet", "data.label", "happy"),
        ("quiet", "data.probabilities", {"happy": 0.5, "sad": 0.5}),
        ("quiet", "data.confidence", 0.5),
        ("frame", "data.probabilities", None),
        ("frame", "data.probabilities.happy", 1.01),
        ("frame", "data.probabilities.happy", True),
        ("frame", "data.speech", -0.1),
        ("frame", "data.speech", None),
        ("frame", "data.confidence", 2),
        ("frame", "data.window.start_s", -1),
        ("frame", "data.window.end_s", "3"),
        ("frame", "data.latency_ms", -1),
        ("frame", "data.latency_ms", None),
        ("frame", "data.quality.bands", [-3] * 7),
        ("frame", "data.quality.bands", [-3] * 9),
        ("frame", "data.quality.bands", [-4] * 8),
        ("frame", "data.quality.clipping", 1.1),
        ("frame", "data.quality.overflows", 0.5),
        ("frame", "data.gap", 0),
        ("frame", "data.model", "thesis-cnn"),
        ("start", "data.ended_by", "stop"),
        ("start", "data.state", "uncertain"),
        ("end", "data.ended_by", None),
        ("end", "data.ended_by", "boredom"),
        ("end", "data.phase", "middle"),
        ("end", "data.segment", 3),
        ("end", "data.duration_s", -1),
        ("status", "data.state", "emotion"),
        ("status", "data.device.rate", 44100.5),
        ("status", "data.device.name", None),
        ("status", "data.labels", ["happy", "happy"]),
        ("status", "data.stride_s", 0),
        ("status", "data.realtime_ratio", -1),
        ("status", "data.dropped", None),
        ("status", "data.synthetic", "no"),
    ],
)
def test_the_schema_rejects_what_is_wrong(name: str, path: str, value: object) -> None:
    body = copy.deepcopy(wrap(EVENTS[name]))
    *parents, last = path.split(".")
    part: Any = body
    for parent in parents:
        part = part[parent]
    assert last in part
    part[last] = value
    assert not wire.is_valid(body)


def test_version_1_grows_by_optional_fields_alone() -> None:
    """What a reader of 0.1.0 was promised still holds: no new word, nothing newly required or gone."""
    first = json.loads(wire.FIRST.read_text())

    def promises(node: Any, path: str = "") -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in (
            node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        ):
            if name in ("enum", "const", "required", "type", "pattern", "minimum", "maximum", "additionalProperties"):
                found[f"{path}/{name}"] = value
            found |= promises(value, f"{path}/{name}")
        return found

    now = promises(schema())
    assert {path: now.get(path) for path in promises(first)} == promises(first)


def test_every_event_of_a_run_is_one_that_the_first_readers_know(run: Any) -> None:
    """`warming-up`, which that schema has, is reserved: it is not sent."""
    done = run("--input", DEMO, "--fast", "--set", "emotion_on=0.13", "--set", "emotion_off=0", "--set", "dwell_s=0.25")
    events = [wire.valid(json.loads(line)) for line in done.stdout.splitlines()]
    assert {event["type"].rpartition(".")[2] for event in events} == set(KINDS)
    assert "warming-up" not in {event["data"]["reason"] for event in events}
