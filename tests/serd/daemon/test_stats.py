"""serd.daemon.stats: costs against the time that has passed, as it is told."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.block import Block
from serd.daemon.stats import BEHIND_S, CAUGHT_UP_S, HEARTBEAT_S, Stats

STRIDE_S = 0.25
START, CPU = 1000.0, 7.0


@pytest.fixture
def stats() -> Stats:
    return made()


def made() -> Stats:
    return Stats(STRIDE_S, START, CPU)


def block(start: int = 0, *, gap: bool = False, overflows: int = 0, reanchored: int = 0) -> Block:
    return Block(np.zeros(800, np.float32), start, gap, START, overflows, reanchored)


def test_nothing_is_known_before_the_first_heartbeat(stats: Stats):
    stats.add(block(), 1, 0.1)
    assert not stats.heartbeat(START + HEARTBEAT_S - 0.01, CPU + 1)
    assert (stats.cpu, stats.realtime_ratio, stats.fresh_ratio) == (None, None, None)
    assert stats.uptime_s(START + 3) == 3


@given(st.lists(st.floats(0, 60), max_size=60))
def test_heartbeats_are_never_closer_than_the_interval_and_none_is_left_out(waits: list[float]):
    stats, now, last = made(), START, START
    for wait in waits:
        now += wait
        beat = stats.heartbeat(now, CPU)
        assert beat == (now - last >= HEARTBEAT_S)
        last = now if beat else last


@given(
    st.lists(
        st.tuples(
            st.lists(st.tuples(st.integers(0, 8), st.floats(0, 1)), max_size=5),
            st.floats(HEARTBEAT_S, 60),
            st.floats(0, 200),
        ),
        max_size=5,
    )
)
def test_each_heartbeat_tells_the_costs_since_the_one_before(
    intervals: list[tuple[list[tuple[int, float]], float, float]],
):
    stats, now, cpu, ratio = made(), START, CPU, None
    for parts, passed, busy in intervals:
        for judged, spent in parts:
            stats.add(block(), judged, spent)
        now, cpu = now + passed, cpu + busy
        if not stats.heartbeat(now, cpu):  # rounding has made the sum a little shorter
            return
        strides, told = sum(judged for judged, _ in parts), sum(spent for _, spent in parts)
        ratio = told / (strides * STRIDE_S) if strides else ratio
        assert stats.cpu == pytest.approx(busy / passed, abs=1e-4)
        assert stats.realtime_ratio == (None if ratio is None else pytest.approx(ratio, abs=1e-4))
        assert stats.fresh_ratio == (stats.realtime_ratio if strides else None)


def test_where_nothing_is_judged_the_last_ratio_stands_and_is_not_fresh_any_more(stats: Stats):
    stats.add(block(), 20, 4.9)
    assert stats.heartbeat(START + 5, CPU)
    assert stats.realtime_ratio == stats.fresh_ratio == 0.98
    assert stats.heartbeat(START + 10, CPU)
    assert (stats.realtime_ratio, stats.fresh_ratio) == (0.98, None)


@given(st.lists(st.booleans(), max_size=50))
def test_gaps_are_counted_and_the_rest_is_the_last_blocks(gaps: list[bool]):
    stats = made()
    for k, gap in enumerate(gaps):
        stats.add(block(k * 800, gap=gap, overflows=k, reanchored=2 * k), 0, 0.0)
    last = max(len(gaps) - 1, 0)
    assert stats.gaps == sum(gaps)
    assert (stats.position, stats.overflows, stats.reanchored) == (len(gaps) * 800, last, 2 * last)


@given(st.lists(st.floats(0, 3), max_size=50))
def test_once_behind_it_is_behind_until_it_has_caught_up(ages: list[float]):
    stats, behind = made(), False
    for age in ages:
        now = stats.is_behind(age)
        assert now if age > BEHIND_S else True
        assert not now if age <= CAUGHT_UP_S else True
        if CAUGHT_UP_S < age <= BEHIND_S:
            assert now == behind, "in between all stays as it was"
        behind = now
