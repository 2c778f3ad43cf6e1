"""serd.view.summary: time adds up by emotion and state, and is told in one line."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serd.view.summary import MOST, Summary
from tests.support.envelopes import emotion, status


def frame(state: str, label: str | None = None) -> dict[str, Any]:
    made = emotion(0)
    return {**made, "data": {**made["data"], "state": state, "label": label}}


def told(*events: dict[str, Any]) -> str:
    summary = Summary()
    for event in events:
        summary.take(event)
    return summary.line("next: more")


def test_emotions_come_first_the_longest_before_the_others() -> None:
    events = [
        *[frame("no-speech")] * 400,
        *[frame("uncertain")] * 40,
        *[frame("emotion", "sad")] * 8,
        *[frame("emotion", "happy")] * 16,
    ]
    assert told(*events) == "heard for 116 s: happy 4 s, sad 2 s, no speech 100 s, uncertain 10 s; next: more"


def test_without_what_is_next_it_is_said_alone() -> None:
    summary = Summary()
    assert summary.line() == "nothing was heard"
    summary.take(frame("emotion", "sad"))
    assert summary.line() == "heard for 0 s: sad 0 s"


def test_the_stride_is_what_the_status_says() -> None:
    made = status(0)
    slow = {**made, "data": {**made["data"], "stride_s": 1.0}}
    assert told(slow, *[frame("emotion", "sad")] * 8) == "heard for 8 s: sad 8 s; next: more"


def test_nothing_heard_is_said() -> None:
    assert told(status(0)) == "nothing was heard; next: more"


def test_labels_without_end_do_not_take_memory_without_end() -> None:
    assert told(*[frame("emotion", f"label{n}") for n in range(10_000)]).count("label") == MOST


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.dictionaries(st.sampled_from(["type", "data", "state", "label", "stride_s"]), inner),
)


@given(st.lists(st.dictionaries(st.sampled_from(["type", "data"]), JSON | st.sampled_from(["serd.v1.frame"]))))
def test_whatever_comes_it_is_one_line(events: list[dict[str, Any]]) -> None:
    assert told(*events).endswith("; next: more")
    assert told(*events).isprintable()
