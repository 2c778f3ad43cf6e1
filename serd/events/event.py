"""Events: what serd says, and the CloudEvents object that carries it over the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Literal, get_args

from serd.errors import UsageError

Kind = Literal["frame", "segment", "status"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MAJOR = 1
"""Version of the topics and the schema. It only grows: readers ignore fields they do not know."""

DATASCHEMA = "urn:serd:events:v1"

NAME = re.compile(r"[a-z0-9_-]{1,64}")
"""What a source may be called."""

SESSION = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a session may be called."""


@dataclass(frozen=True, slots=True)
class Event:
    """What the pipeline or the daemon has to say, before it is numbered, dated and sent."""

    kind: Kind
    data: Mapping[str, Any]
    """Every field of `data` but `session`, `sequence` and `latency_ms`, in the order in which they are sent."""
    arrived: float | None
    """`time.monotonic()` when the last sample of its window was delivered; None for a status."""


def topic(source: str, kind: Kind) -> str:
    """The topic of one kind of a source's events. Raises UsageError if the source cannot be part of one.

    It ends in a dot, so that no source's topic is the beginning of another's.
    """
    if not NAME.fullmatch(source):
        raise UsageError(f"source {source!r}: cannot be part of a topic; give 1 to 64 of a-z 0-9 _ -")
    return f"serd.v{MAJOR}.{source}.{kind}."


def envelope(
    event: Event, *, source: str, session: str, sequence: int, id: str, time: datetime, now: float
) -> dict[str, Any]:
    """The CloudEvents 1.0 object: `time` is the wall clock's, `now` is `time.monotonic()` at the send."""
    data: dict[str, Any] = {"session": session, "sequence": sequence}
    for name, value in event.data.items():
        data[name] = value
        if name == "window" and event.arrived is not None:
            data["latency_ms"] = round(max(now - event.arrived, 0.0) * 1000, 3)
    return {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": f"serd.v{MAJOR}.{event.kind}",
        "time": time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "dataschema": DATASCHEMA,
        "data": data,
    }


def encode(body: Mapping[str, Any]) -> bytes:
    """Compact JSON in UTF-8, numbers as given. Raises ValueError on NaN and infinity, which JSON does not have."""
    text = json.dumps(body, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")  # a device's name may hold bytes that are no text


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of every event, as it ships with the package."""
    text = files("serd").joinpath("data", "serd.v1.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
