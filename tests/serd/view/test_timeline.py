from hypothesis import given
from hypothesis import strategies as st

from serd.view.timeline import Slot, Timeline


def names(timeline: Timeline, now: float, count: int) -> list[str | None]:
    return [slot.name if slot else None for slot in timeline.slots(now, count)]


def test_what_was_marked_stands_where_it_was_marked() -> None:
    timeline = Timeline(slot_s=3)
    timeline.mark(300.0, "happy", 0.5)
    timeline.mark(308.9, "sad", 0.5)
    assert names(timeline, 308.9, 4) == [None, "happy", None, "sad"]
    assert names(timeline, 311.9, 4) == ["happy", None, "sad", None]


def test_what_prevails_in_a_slot_is_shown_with_its_mean_strength() -> None:
    timeline = Timeline(slot_s=3)
    for strength in (0.4, 0.6):
        timeline.mark(1.0, "sad", strength)
    timeline.mark(2.0, "happy", 1.0)
    assert timeline.slots(2.5, 1) == [Slot("sad", 0.5)]


def test_of_two_that_tie_the_later_is_shown() -> None:
    timeline = Timeline(slot_s=3)
    for name in ("sad", "happy", "happy", "sad"):
        timeline.mark(1.0, name)
    assert names(timeline, 1.0, 1) == ["sad"]


def test_a_state_between_two_events_fills_the_slots_between() -> None:
    timeline = Timeline(slot_s=3)
    timeline.fill(0.0, 6.5, "lost")
    assert names(timeline, 11.0, 4) == ["lost", "lost", "lost", None]


def test_a_month_asleep_is_filled_in_bounded_memory() -> None:
    timeline = Timeline(span_s=60, slot_s=3)
    timeline.fill(0.0, 30 * 86400.0, "muted")
    assert names(timeline, 30 * 86400.0, 30) == [None] * 10 + ["muted"] * 20


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.sampled_from("abc"), st.floats(0, 1)), min_size=1), st.integers(1, 50)
)
def test_strengths_stay_in_range_and_slots_are_as_many_as_asked(marks: list[tuple[float, str, float]], n: int) -> None:
    timeline = Timeline(span_s=100)
    for at, name, strength in marks:
        timeline.mark(at, name, strength)
    slots = timeline.slots(max(at for at, _, _ in marks), n)
    assert len(slots) == n
    assert slots[-1] is not None
    assert all(0 <= slot.strength <= 1 + 1e-9 for slot in slots if slot)
