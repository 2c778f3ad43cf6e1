"""serd.daemon.turns: too much for all voices at once is shared out, so that none is left out for long."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from serd.daemon.turns import BUDGET, Turns

STRIDE, STRIDE_S = 4000, 0.25


def strides(turns: Turns, count: int, cost: float) -> list[list[int]]:
    """Voices that are judged, stride by stride, each at this cost in seconds."""
    judged = []
    for number in range(count):
        judged.append([])
        for voice in turns.begin(number * STRIDE):
            if turns.may(voice):
                judged[-1].append(voice)
                turns.add(cost)
    return judged


@given(st.integers(2, 64), st.floats(0.002, 0.5))
def test_every_voice_is_judged_as_often_as_any_other_and_the_time_is_kept(count: int, cost: float):
    judged = strides(Turns(count, STRIDE, STRIDE_S), 4 * count, cost)
    times = [sum(voice in one for one in judged) for voice in range(count)]
    assert max(times) - min(times) <= 1
    assert min(times) >= 1
    for one in judged:
        assert (len(one) - 1) * cost <= BUDGET * STRIDE_S


def test_one_voice_alone_waits_until_serd_has_caught_up():
    assert strides(Turns(1, STRIDE, STRIDE_S), 3, 0.001) == [[], [], []]


def test_all_are_judged_where_there_is_time():
    assert [sorted(one) for one in strides(Turns(3, STRIDE, STRIDE_S), 4, 0.001)] == [[0, 1, 2]] * 4
