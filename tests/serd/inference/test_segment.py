"""serd.inference.segment: whatever is opened is closed, once, with its mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.inference.decision import Decision
from serd.inference.quality import Quality
from serd.inference.segment import Segment, SegmentTracker


def decision(label: int | None) -> Decision:
    if label is None:
        return Decision("no-speech", "silence", None, None, None)
    return Decision("emotion", "confident", label, np.ones(3) / 3, 1 / 3)


def heard(level: float) -> Quality:
    return Quality(level, (level,) * 8, 0.0, "ok")


def follow(labels: list[int | None]) -> list[Segment]:
    tracker, changes = SegmentTracker(), []
    for k, label in enumerate(labels):
        raw = None if label is None else np.eye(3)[k % 3]
        changes += tracker.step(decision(label), k * 10, (k + 1) * 10, raw, 0.5, quality=heard(-30.0))
    return changes + tracker.close("stop")


@given(st.lists(st.one_of(st.none(), st.integers(0, 2)), max_size=60))
def test_starts_and_ends_alternate_and_cover_each_run_of_one_label(labels: list[int | None]):
    changes = follow(labels)
    starts, ends = changes[::2], changes[1::2]
    assert all(s.ended_by is None for s in starts)
    assert all(e.ended_by for e in ends)
    assert [s.number for s in starts] == [e.number for e in ends] == list(range(1, len(starts) + 1))
    runs = [k for k, label in enumerate(labels) if label is not None and (k == 0 or labels[k - 1] != label)]
    assert [s.start for s in starts] == [k * 10 for k in runs]
    covered = {k for e in ends for k in range(e.start // 10, e.end // 10)}
    assert covered == {k for k, label in enumerate(labels) if label is not None}


def test_the_end_carries_the_mean_over_the_windows():
    end = follow([0, 0, 0, 0, 0, 0, None])[-1]
    np.testing.assert_allclose(end.probabilities, 1 / 3)
    assert end.speech == pytest.approx(0.5)
    assert end.ended_by == "change"


def test_its_quality_is_that_of_the_loudest_stride_so_far_and_not_of_the_silence_after_it():
    tracker, raw = SegmentTracker(), np.eye(3)[0]
    (start,) = tracker.step(decision(1), 0, 10, raw, 0.9, quality=heard(-40.0))
    for level in (-20.0, -97.0):
        tracker.step(decision(1), 0, 10, raw, 0.9, quality=heard(level))
    (end,) = tracker.step(decision(None), 0, 10, None, 0.1, quality=heard(-10.0))
    assert (start.quality, end.quality) == (heard(-40.0), heard(-20.0))


def test_a_change_of_label_ends_one_and_begins_the_next():
    assert [(s.label, s.ended_by) for s in follow([0, 1])] == [(0, None), (0, "change"), (1, None), (1, "stop")]


def test_closing_twice_closes_once():
    tracker = SegmentTracker()
    tracker.step(decision(1), 0, 10, np.eye(3)[0], 0.5, quality=heard(-30.0))
    assert [s.ended_by for s in tracker.close("gap")] == ["gap"]
    assert tracker.close("stop") == []
