"""serd.events.reference: what events tell of a reference, on its way: the schema, readers, the view, the journal."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from serd.events.event import schema
from serd.events.reading import FrameEvent, StatusEvent, read
from serd.events.reference import PERSON, ReferenceUse
from serd.journal.source import settings_of
from serd.view.view import View
from tests.support.envelopes import START, emotion, status

FIRST = Path(__file__).parents[2] / "data" / "serd.v1-0.1.0.schema.json"
RUNNING = {"kind": "running", "seconds": 34.25}
WRONG = [None, "running", {}, {"kind": "mine", "seconds": 1}, {"kind": "running"}, {"kind": "none", "seconds": -1}]


def whole(event: dict[str, Any]) -> dict[str, Any]:
    """As serd sends it: the time has milliseconds."""
    made = copy.deepcopy(event) | {"dataschema": "urn:serd:events:v1"}
    made["time"] = made["time"].replace("Z", ".000Z")
    return made


@pytest.mark.parametrize("make", [emotion, status])
def test_both_schemas_take_it_and_readers_give_it(make: Any) -> None:
    event = whole(make(1, reference=RUNNING))
    for one in (schema(), json.loads(FIRST.read_text())):
        Draft202012Validator(one).validate(event)
    found = read(event)
    assert isinstance(found, FrameEvent | StatusEvent)
    assert found.reference == ReferenceUse("running", 34.25)
    older = read(whole(make(1)))
    assert isinstance(older, FrameEvent | StatusEvent)
    assert older.reference is None


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_none_is_refused(wrong: object) -> None:
    event = whole(emotion(1, reference=wrong))
    assert list(Draft202012Validator(schema()).iter_errors(event))
    if wrong is not None:  # a reader takes null for what is not there
        with pytest.raises(ValueError, match="reference"):
            read(event)


@pytest.mark.parametrize(
    ("reference", "shown"),
    [(RUNNING, "running 34 s"), ({"kind": "enrolled", "seconds": 60.0}, "enrolled 60 s"),
     ({"kind": "none", "seconds": 0.0}, "none"), (None, None)],
)  # fmt: skip
def test_the_view_shows_it(reference: dict[str, Any] | None, shown: str | None) -> None:
    view, told = View("ipc://x"), {} if reference is None else {"reference": reference}
    view.take(status(0, **told))
    view.take(emotion(1, **told))
    text = "\n".join(line.plain for line in view.render(140, 50, START + 1).lines)
    assert (f"reference {shown}" in text) if shown else ("reference" not in text)


@pytest.mark.parametrize("wrong", WRONG)
def test_the_view_shows_nothing_that_is_none(wrong: object) -> None:
    view = View("ipc://x")
    view.take(emotion(1, reference=wrong))
    assert view.render(140, 50, START + 1).lines


def test_a_journal_keeps_where_it_came_from() -> None:
    assert settings_of(status(1, reference=RUNNING))["reference"] == "running"
    assert settings_of(status(1))["reference"] is None


def test_a_person_is_called_what_can_be_a_files_name_and_no_command() -> None:
    assert all(map(PERSON.fullmatch, ("anna", "A", "list2", "forgetful", "0.9_x-y")))
    assert not any(map(PERSON.fullmatch, ("list", "forget", "", ".", "..", "-x", "a/b", "x" * 65)))
