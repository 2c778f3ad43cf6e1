"""serd.events.types: the schema's types, as editors and type checkers see them."""

from __future__ import annotations

import subprocess
import sys
import typing
from pathlib import Path

import pytest

import serd
from serd.events import types
from serd.events.event import KINDS, schema
from tools.event_types import PATH, source

USER = """
import serd

def heard(timeout: float) -> str | None:
    for event in serd.subscribe("tcp://127.0.0.1:5556", kinds=["segment"], timeout=timeout):
        reveal_type(event["data"])
        if event["type"] == "serd.v1.segment":
            reveal_type(event["data"]["label"])
            print(event["data"]["ended_by"], event["data"]["window"]["end_s"] + 1)
            event["data"]["uptime_s"]
        elif event["type"] == "serd.v1.status":
            reveal_type(event["data"]["state"])
    return None

async def several() -> None:
    async with serd.subscribe(["ipc://a", "ipc://b"]) as events:
        async for event in events:
            reveal_type(event["source"])

score = serd.score("clip.wav")
reveal_type(score.to_frame("segments"))
serd.score("clip.wav").to_frame("words")
"""


def test_the_module_is_what_the_script_writes():
    assert PATH.read_text("utf-8") == source(), "script/event-types --write"


def fields(part: dict) -> tuple[set[str], set[str]]:
    """Names of all properties of an object in the schema, and of those that are required."""
    found = [
        fields(schema()["$defs"][one["$ref"].rpartition("/")[2]]) for one in part.get("allOf", []) if "$ref" in one
    ]
    names = set(part.get("properties", {})).union(*(names for names, _ in found))
    return names, set(part.get("required", [])).union(*(needed for _, needed in found))


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_schema_is_there_with_its_necessity(kind: str):
    hints = typing.get_type_hints(getattr(types, f"{kind.capitalize()}Data"), include_extras=True)
    optional = {name for name, hint in hints.items() if typing.get_origin(hint) is typing.NotRequired}
    names, needed = fields(schema()["$defs"][kind])
    assert set(hints) == names
    assert set(hints) - optional == needed


def test_a_type_checker_knows_what_an_event_holds(tmp_path: Path):
    (tmp_path / "user.py").write_text(USER)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "user.py"], cwd=tmp_path, capture_output=True,
        text=True, check=False, env={"MYPYPATH": str(Path(serd.__file__).parents[1]), "PATH": ""},
    )  # fmt: skip
    notes = [line.partition("note: ")[2] for line in done.stdout.splitlines() if "Revealed" in line]
    assert "SegmentData" in notes[0]
    assert "StatusData" in notes[0]
    assert notes[1].startswith('Revealed type is "str | None"')
    assert "waiting" in notes[2]
    assert notes[3].startswith('Revealed type is "str"')
    assert len(notes) == 5, "a table is told by pandas' own types, where they are"
    errors = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert len(errors) == 2
    assert 'has no key "uptime_s"' in errors[0]
    assert '"to_frame" of "Score"' in errors[1]


def test_they_are_at_the_top():
    assert serd.Frame is types.Frame
    assert serd.Event == types.Event
    for name in serd.__all__:
        assert getattr(serd, name) is not None
