"""serd.inference.running_reference: means of what lies a window back, fading; another voice begins a new one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.inference.reference import Reference
from serd.inference.running_reference import MOST_S, PART_S, SETTLED_S, Moments, RunningReference

STRIDE_S, DELAY, WIDTH = 0.25, 13, 40


def windows(count: int, centre: float = 0.0, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(centre, 1, (count, WIDTH)).astype(np.float32)


def heard(statistics: np.ndarray, running: RunningReference | None = None) -> list[Reference | None]:
    """The reference of each stride."""
    running = running or RunningReference(DELAY)
    known = []
    for row in statistics:
        known.append(running.advance())
        running.hear(row, STRIDE_S)
    return known


def test_a_stride_is_judged_by_what_was_said_a_whole_window_before():
    said = windows(200)
    known = heard(said)
    assert known[:DELAY] == [None] * DELAY
    for k in (DELAY, DELAY + 1, 60, 199):
        reference = known[k]
        assert reference is not None
        before = said[: k + 1 - DELAY]
        assert reference.seconds == pytest.approx(STRIDE_S * len(before))
        assert reference.mean == pytest.approx(before.mean(axis=0), abs=1e-5)
        assert reference.mean.dtype == np.float32


def test_strides_without_new_speech_pass_the_time_and_count_for_nothing():
    said, running = windows(30), RunningReference(DELAY)
    for k in range(60):
        running.advance()
        running.hear(said[k // 2] if k % 2 else None, STRIDE_S)
    for _ in range(60):
        running.advance()
        running.hear(said[0], 0.0)
    assert running.reference is not None
    assert running.reference.seconds == pytest.approx(30 * STRIDE_S)
    assert running.reference.mean == pytest.approx(said.mean(axis=0), abs=1e-5)


@given(st.lists(st.integers(1, DELAY), min_size=1, max_size=40))
def test_runs_of_strides_change_no_bit(runs: list[int]):
    said = windows(sum(runs), seed=3)
    running, known, at = RunningReference(DELAY), list[Reference | None](), 0
    for run in runs:
        known += [running.advance() for _ in range(run)]
        for row in said[at : at + run]:
            running.hear(row, STRIDE_S)
        at += run
    one_by_one = heard(said)
    assert [known is None for known in one_by_one] == [known is None for known in known]
    for mine, other in zip(known, one_by_one, strict=True):
        if mine is not None and other is not None:
            assert (mine.mean.tobytes(), mine.seconds) == (other.mean.tobytes(), other.seconds)


def test_what_is_long_past_fades():
    """A slow drift is followed: after many times MOST_S of speech nothing is left of the first minute."""
    drift = np.linspace(0, 6, round(6 * MOST_S / STRIDE_S), dtype=np.float32)[:, np.newaxis]
    known = heard(windows(len(drift)) + drift)
    last = known[-1]
    assert last is not None
    assert last.seconds == MOST_S
    assert 4 < last.mean.mean() < 6
    assert max(reference.seconds for reference in known if reference) <= MOST_S


def test_a_voice_that_is_clearly_another_begins_a_new_reference_and_a_mood_does_not():
    strides = round(60 / STRIDE_S)
    known = heard(np.concatenate([windows(strides), windows(strides, 0.5), windows(strides, 4.0)]))
    seconds = [0.0 if reference is None else reference.seconds for reference in known]
    forgotten = [k for k in range(1, len(seconds)) if seconds[k] < seconds[k - 1]]
    assert len(forgotten) == 1, "the mood has not ended it, the voice has, once"
    assert 2 * strides < forgotten[0] <= 2 * strides + DELAY + 2 * PART_S / STRIDE_S + 1
    assert seconds[forgotten[0]] == pytest.approx(PART_S), "what made it known is where the new one begins"
    last = known[-1]
    assert last is not None
    assert last.mean == pytest.approx(np.full(WIDTH, 4.0), abs=0.5)


def test_of_too_little_speech_no_other_voice_is_told():
    strides = round((SETTLED_S - PART_S) / STRIDE_S)
    known = heard(np.concatenate([windows(strides), windows(round(PART_S / STRIDE_S) + DELAY, 4.0)]))
    last = known[-1]
    assert last is not None
    assert last.seconds == pytest.approx(SETTLED_S, abs=STRIDE_S)


def test_forgotten_nothing_is_left():
    running = RunningReference(DELAY)
    heard(windows(100), running)
    running.forget()
    assert running.reference is None
    assert (
        heard(windows(2 * DELAY, seed=9), running)[-1].mean
        == pytest.approx(  # type: ignore[union-attr]
            windows(2 * DELAY, seed=9)[:DELAY].mean(axis=0), abs=1e-5
        )
    )


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(0.05, 5)), min_size=2, max_size=30), st.data())
def test_moments_joined_in_any_parts_are_those_of_the_whole(told: list[tuple[float, float]], data: st.DataObject):
    cut = data.draw(st.integers(1, len(told) - 1))

    def moments(part: list[tuple[float, float]]) -> Moments:
        whole = Moments(np.array([part[0][0]]), part[0][1])
        for value, seconds in part[1:]:
            whole.join(Moments(np.array([value]), seconds))
        return whole

    joined = moments(told[:cut])
    joined.join(moments(told[cut:]))
    values, weights = np.array(told).T
    mean = np.average(values, weights=weights)
    assert joined.seconds == pytest.approx(weights.sum())
    assert joined.mean[0] == pytest.approx(mean, abs=1e-9)
    assert joined.variance[0] == pytest.approx(np.average((values - mean) ** 2, weights=weights), abs=1e-9)


def test_units_that_never_speak_tell_no_other_voice():
    still = Moments(np.zeros(4), 1.0)
    assert still.distance(Moments(np.zeros(4), 1.0)) == 0
