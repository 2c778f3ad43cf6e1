"""serd.audio.drift: streams of blocks whose device has a clock of its own, or loses frames without a word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.audio.drift import APART_S, HEAP_S, LOOK_S, LOSS_S, DriftTracker

RATE, BLOCK = 16000, 800


def moves(
    clock: DriftTracker, seconds: float, pace: float = 1.0, late=lambda _now: 0.0, start: int = 0
) -> list[tuple[float, float]]:
    """(time, move) of a stream that runs at `pace`, whose blocks are handed over `late` seconds after their time."""
    made = []
    for k in range(round(seconds * RATE / BLOCK)):
        end = start + (k + 1) * BLOCK
        due = end / RATE / pace
        moved = clock.arrival(end, 1000 + due + late(due), False)
        if moved:
            made.append((due, moved))
    return made


@pytest.mark.parametrize("pace", [0.9999, 1.0001, 0.99, 1.01])
def test_stream_time_stays_within_reach_of_the_computers(pace: float):
    clock = DriftTracker(RATE)
    seconds = 20 / abs(1 - pace) / 100 + 30
    made = moves(clock, seconds, pace)
    drift = seconds / pace - seconds
    rest = drift - sum(move for _, move in made)
    assert made
    assert all(np.sign(move) == np.sign(drift) for _, move in made)
    assert abs(rest) <= APART_S + 2 * LOOK_S * abs(1 - pace) + 1e-6
    assert clock.moves == len(made)


@given(st.lists(st.floats(0, 0.95), min_size=200, max_size=200))
def test_a_busy_machine_moves_nothing_as_long_as_one_block_a_second_is_in_time(delays: list[float]):
    clock = DriftTracker(RATE)
    for k, late in enumerate(delays):
        due, next_in_time = k * BLOCK / RATE, -(-k // 20) * 20 * BLOCK / RATE
        arrived = min(due + late, next_in_time)  # then all that waited comes in a heap
        assert clock.arrival((k + 1) * BLOCK, 1000 + arrived, False) == 0.0


def test_a_heap_at_the_streams_beginning_is_no_drift():
    clock = DriftTracker(RATE)
    assert moves(clock, 30, late=lambda due: max(0.0, 1.5 - due)) == []


def test_frames_lost_without_a_word_are_noticed_within_a_second_with_their_length():
    clock = DriftTracker(RATE)
    ((at, move),) = moves(clock, 20, late=lambda due: 0.7 if due > 10 else 0.0)
    assert move == pytest.approx(0.7)
    assert move > LOSS_S
    assert 10 < at < 10 + HEAP_S + 0.2


def test_a_stall_whose_frames_come_later_in_a_heap_loses_nothing():
    clock = DriftTracker(RATE)
    assert moves(clock, 30, late=lambda due: max(0.0, 10.9 - due) if due > 10 else 0.0) == []


@given(st.integers(1, 40), st.floats(0.0, 0.04))
def test_a_heap_that_overflowed_the_ring_moves_nothing_for_its_lost_frames_are_counted(gaps: int, each: float):
    """The process stood still for 3 s: then all blocks come at once, and some of them find no room."""
    clock = DriftTracker(RATE)
    moves(clock, 10)
    for k in range(200, 300):
        due = (k + 1) * BLOCK / RATE
        waited = 13.0 + each * (k - 200) / 2 if due < 13 else due  # how fast the heap is fetched
        lost = 220 <= k < 220 + gaps
        assert clock.arrival((k + 1) * BLOCK, 1000 + max(due, waited), lost, counted=True) == 0.0
    assert clock.moves == 0


def test_after_a_gap_of_unknown_length_time_is_set_at_once():
    clock = DriftTracker(RATE)
    moves(clock, 10)
    place = 10 * RATE
    assert clock.arrival(place + BLOCK, 1010.05 + 0.4, True) == pytest.approx(0.4)
    assert clock.moves == 1
