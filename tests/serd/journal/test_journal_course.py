"""serd.journal.summary and course: shares with their doubt, and what is told as a change."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy import exp
from numpy.random import default_rng

from serd.journal.course import FIRST, LAST, LEAST, band_of, course, shifts
from serd.journal.summary import ACTIVATION, UNCERTAIN, Context, Share, Summary, summarize
from tests.support import journal_year as year
from tests.support.journal_year import Person, dates, sessions_until_seen, told_by_chance

CONTEXT = Context("m/1", "USB", "microphone", None)


def sessions(values: list[float], **more: Any) -> list[Summary]:
    """Sessions whose share of `sad` is given."""
    person = Person(1)
    made = [person.summary(when) for when in dates(60)[: len(values)]]
    return [
        replace(one, shares={"sad": Share(value)}, context=CONTEXT, **more)
        for one, value in zip(made, values, strict=True)
    ]


def marks(values: list[float]) -> list[str]:
    (stretch,) = course(sessions(values))
    return [point.mark for point in stretch.figures["sad"]]


STEADY = [0.30, 0.31, 0.29, 0.30, 0.32, 0.28, 0.30, 0.31]


def test_the_first_eight_are_the_baseline() -> None:
    assert marks(STEADY) == ["baseline"] * 8
    assert marks([*STEADY, 0.30]) == ["baseline"] * 8 + ["inside"]


def test_one_outside_is_a_one_off_and_three_in_a_row_are_a_shift() -> None:
    assert marks([*STEADY, 0.6, 0.3])[8:] == ["one-off", "inside"]
    assert marks([*STEADY, 0.6, 0.6, 0.3])[8:] == ["one-off", "one-off", "inside"]
    assert marks([*STEADY, 0.6, 0.6, 0.6, 0.6, 0.3])[8:] == ["shift"] * 4 + ["inside"]
    assert marks([*STEADY, 0.6, 0.0, 0.6])[8:] == ["one-off"] * 3, "not on one side"


def test_a_shift_is_told_once() -> None:
    (stretch,) = course(sessions([*STEADY, 0.6, 0.6, 0.6, 0.6, 0.3, 0.0, 0.0, 0.0]))
    assert len(shifts(stretch.figures["sad"])) == 2


def test_of_a_later_period_the_same_is_told_as_of_the_whole() -> None:
    values = [*STEADY, 0.6, 0.3, 0.6, 0.6, 0.6]
    whole = sessions(values)
    (stretch,) = course(whole[9:], whole[:9])
    points = stretch.figures["sad"]
    assert [point.mark for point in points] == marks(values)[9:] == ["inside", "shift", "shift", "shift"]
    assert [point.session.id for point in points] == [one.id for one in stretch.sessions] == [s.id for s in whole[9:]]
    assert (stretch.missing, course(whole[9:])[0].missing) == (0, 4)


def test_outside_is_beyond_three_scaled_deviations_and_five_points() -> None:
    band = band_of([0.2, 0.3, 0.4, 0.2, 0.3, 0.4, 0.3, 0.3])
    assert band is not None
    assert band.median == pytest.approx(0.3)
    assert band.high - band.median == pytest.approx(3 * 1.4826 * 0.05)
    alike = band_of([0.3] * 8)
    assert alike is not None
    assert alike.high - alike.median == pytest.approx(LEAST)


def test_the_baseline_grows_and_then_stays() -> None:
    values = [0.3] * LAST
    assert band_of(values[: FIRST - 1]) is None
    assert band_of([*values, *[0.9] * 500]) == band_of(values)


def test_too_little_speech_is_hollow_and_left_out() -> None:
    one = sessions([0.9])[0]
    poor = replace(one, coverage=replace(one.coverage, speech_s=30.0))
    (stretch,) = course([*sessions(STEADY[:7]), replace(poor, started_at="2026-12-01T00:00:00.000Z")])
    assert [point.mark for point in stretch.figures["sad"]][-1] == "hollow"
    assert stretch.missing == 1


OTHERS = [CONTEXT._replace(**{name: "x"}) for name in ("model", "device", "origin", "reference")]


@pytest.mark.parametrize("other", OTHERS)
def test_another_model_or_microphone_cuts_the_baseline(other: Context) -> None:
    before, after = sessions([*STEADY, 0.3]), sessions([0.8, 0.8, 0.8])
    later = [replace(one, context=other, started_at=f"2027-0{i + 1}-01T00:00:00.000Z") for i, one in enumerate(after)]
    first, second = course([*before, *later])
    assert (first.context, second.context) == (CONTEXT, other)
    assert [point.mark for point in second.figures["sad"]] == ["baseline"] * 3


def test_false_shifts_are_at_most_one_in_ten_person_years() -> None:
    assert sum(told_by_chance(seed)["shifts"] for seed in range(20)) <= 2


def test_a_large_change_is_seen_within_four_sessions() -> None:
    found = [sessions_until_seen(3.0, seed) for seed in range(100, 108)]
    assert sorted(99 if one is None else one for one in found)[len(found) // 2] <= 4


def rows_of(seed: int, *, minutes: float = 12, activation: bool = False) -> tuple[Any, Any, Any]:
    rows = Person(seed, minutes=minutes, activation=activation).session(dates(1)[0])
    return rows["session"][0], rows["stream"], rows["bin"]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_shares_are_those_of_the_bins(seed: int, activation: bool) -> None:
    session, streams, bins = rows_of(seed, activation=activation)
    found = summarize(session, streams, bins, [])
    speech = sum(row["speech_s"] for row in bins)
    if not speech:
        assert found.shares == {}
        return
    happy = sum(json.loads(row["announced"] or "{}").get("happy", 0.0) for row in bins)
    assert found.shares["happy"].value == pytest.approx(happy / speech, abs=1e-6)
    named = [share.value for name, share in found.shares.items() if name not in ACTIVATION]
    assert sum(named) == pytest.approx(1, abs=1e-4)
    assert (ACTIVATION[0] in found.shares) == activation
    if activation:
        assert sum(found.shares[name].value for name in ACTIVATION) == pytest.approx(1, abs=1e-4)
    for share in found.shares.values():
        assert share.low is None or share.high is None or 0 <= share.low <= share.value <= share.high <= 1
    assert summarize(session, streams, bins, []) == found, "the same rows give the same numbers"


def test_the_interval_covers_what_bouts_were_drawn_from() -> None:
    """Of 60 simulated sessions, the share that whole hours of the same person have lies in most of the intervals."""
    inside = total = 0
    usual = Person(3)._usual
    shares = exp(usual) / exp(usual).sum()
    for seed in range(60):
        rows = Person(3, minutes=20)
        rows._chance = default_rng(seed)
        spread = _steady(rows)
        found = summarize(spread["session"][0], spread["stream"], spread["bin"], []).shares[UNCERTAIN]
        assert found.low is not None
        assert found.high is not None
        total += 1
        inside += found.low <= shares[-1] <= found.high
    assert inside / total >= 0.8


def _steady(person: Person) -> Any:
    kept, year.SPREAD = year.SPREAD, 0.0
    try:
        return person.session(dates(1)[0])
    finally:
        year.SPREAD = kept


def test_of_two_microphones_the_one_that_hears_more_counts() -> None:
    session, streams, bins = rows_of(4)
    quiet = [{**row, "stream": 1, "speech_s": 0.0, "uncertain_s": 0.0, "announced": None} for row in bins]
    both = [*streams, {**streams[0], "number": 1, "device": "other"}]
    found = summarize(session, both, [*quiet, *bins], [])
    alone = summarize(session, streams, bins, [])
    assert found.coverage.speech_s == alone.coverage.speech_s
    assert found.coverage.listened_s == alone.coverage.listened_s
    assert found.shares == alone.shares
