"""serd.events.sequence: repeats and losses are counted exactly, in whatever order numbered events come."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serd.events.sequence import IDS, STREAMS, SequenceTracker

TOPIC = b"serd.v1.mic.frame."


def event(sequence: int, session: str = "s", id: str | None = None) -> dict[str, Any]:
    """One whose id follows from its number, unless another is given."""
    return {"id": f"{session}-{sequence}" if id is None else id, "data": {"session": session, "sequence": sequence}}


def booked(
    numbers: list[int], tracker: SequenceTracker | None = None, topic: bytes = TOPIC, session: str = "s"
) -> list[int]:
    """The numbers of those that are new."""
    tracker = tracker or SequenceTracker()
    return [number for number in numbers if tracker.new(topic, event(number, session))]


@given(st.lists(st.integers(0, 200), max_size=200))
def test_each_event_is_new_once_and_a_repeat_whenever_it_comes_again(numbers: list[int]):
    tracker = SequenceTracker()
    assert booked(numbers, tracker) == list(dict.fromkeys(numbers))
    assert tracker.repeats == len(numbers) - len(set(numbers))


@given(st.sets(st.integers(0, 250), min_size=1), st.integers(0, 1 << 40), st.data())
def test_loss_is_the_number_of_holes_whatever_is_repeated_in_between(came: set[int], first: int, data: st.DataObject):
    tracker, numbers = SequenceTracker(), []
    for number in sorted(came):
        numbers.append(first + number)
        numbers += data.draw(st.lists(st.sampled_from(numbers), max_size=2))
    booked(numbers, tracker)
    assert tracker.lost == max(came) - min(came) + 1 - len(came)
    assert tracker.repeats == len(numbers) - len(came)


@given(st.lists(st.integers(0, 200), max_size=100))
def test_in_any_order_only_steps_over_numbers_count_as_loss(numbers: list[int]):
    """A step back is a publisher that began anew, so its numbers are awaited from there."""
    tracker = SequenceTracker()
    new = booked(numbers, tracker)
    assert tracker.lost == sum(max(after - before - 1, 0) for before, after in pairwise(new))


@given(st.lists(st.tuples(st.sampled_from([b"frame", b"status"]), st.sampled_from("ab"), st.integers(0, 30))))
def test_topics_and_sessions_are_counted_apart_however_they_are_mixed(mixed: list[tuple[bytes, str, int]]):
    together, apart = SequenceTracker(), []
    for topic, session, number in mixed:
        together.new(topic, event(number, session))
    for key in {(topic, session) for topic, session, _ in mixed}:
        apart.append(SequenceTracker())
        booked([number for *where, number in mixed if tuple(where) == key], apart[-1], *key)
    assert together.lost == sum(one.lost for one in apart)
    assert together.repeats == sum(one.repeats for one in apart)


def test_what_came_before_the_first_is_no_loss():
    tracker = SequenceTracker()
    assert booked([1000, 1001], tracker) == [1000, 1001]
    assert tracker.lost == 0


def test_a_publisher_that_begins_anew_under_the_same_session_is_no_loss():
    tracker = SequenceTracker()
    for sequence, id in [(7, "a"), (8, "b"), (0, "c"), (1, "d")]:
        assert tracker.new(TOPIC, event(sequence, id=id))
    assert tracker.lost == 0


def test_a_repeat_is_known_however_much_came_on_other_topics_since():
    tracker = SequenceTracker()
    tracker.new(b"segment", event(0))
    booked(list(range(10 * IDS)), tracker)
    assert not tracker.new(b"segment", event(0))


def test_what_is_remembered_is_bounded():
    tracker = SequenceTracker()
    for k in range(3 * STREAMS):
        tracker.new(TOPIC, event(0, f"brief-{k}"))
    booked(list(range(3 * IDS)), tracker)
    assert len(tracker._streams) == STREAMS
    assert max(len(stream.ids) for stream in tracker._streams.values()) == IDS
    assert tracker.lost == 0


def test_the_stream_that_is_forgotten_is_the_one_heard_the_longest_ago():
    tracker = SequenceTracker()
    for k in range(2 * STREAMS):
        tracker.new(TOPIC, event(k, "lasting"))
        tracker.new(TOPIC, event(0, f"brief-{k}"))
    assert not tracker.new(TOPIC, event(2 * STREAMS - 1, "lasting"))
    assert tracker.new(TOPIC, event(0, "brief-0")), "forgotten, so it is new"
