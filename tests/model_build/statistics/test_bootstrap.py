"""Intervals and tests against values known from elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_build.statistics.bootstrap import (
    Tally,
    accuracy,
    f1,
    holm,
    mcnemar,
    mean_apart,
    mean_estimate,
    precision,
    uar,
)
from model_build.statistics.metrics import figures
from model_build.statistics.predictions import Scored, score_answers
from tests.support.judgements import crowd, said

LABELS = ("happy", "sad")


def judged(shares: list[float], each: int = 10, corpus: str = "c") -> Scored:
    """A speaker for each share, right so often."""
    people = crowd(corpus, LABELS, speakers=len(shares), each=each)
    return score_answers(said(people, lambda own: shares[int(own.speaker[1:])], LABELS), LABELS)


def test_speakers_who_are_alike_leave_no_doubt() -> None:
    own = Tally.of([judged([0.7] * 6)]).estimate(uar)
    assert (own.value, own.low, own.high) == pytest.approx((0.7, 0.7, 0.7))


def test_two_speakers_who_differ_leave_all_in_doubt() -> None:
    """Drawn with replacement, both are the same one every other time."""
    own = Tally.of([judged([0.0, 1.0])]).estimate(accuracy)
    assert (own.value, own.low, own.high) == pytest.approx((0.5, 0, 1))


def test_the_interval_is_the_normal_ones_for_many_speakers() -> None:
    shares = np.random.default_rng(1).integers(0, 11, 100) / 10
    own = Tally.of([judged(shares.tolist())]).estimate(accuracy)
    error = 1.96 * shares.std() / 10
    assert own.value == pytest.approx(shares.mean())
    assert (own.value - own.low, own.high - own.value) == pytest.approx((error, error), rel=0.1)


def test_clips_of_one_speaker_are_not_independent() -> None:
    """Ten times the clips do not make the interval narrower, as drawing clips would."""
    few, many = (Tally.of([judged([0.2, 0.4, 0.6, 0.8], each)]).estimate(accuracy) for each in (10, 100))
    assert (few.low, few.high) == pytest.approx((many.low, many.high))


def test_a_network_against_itself_differs_by_nothing() -> None:
    own = Tally.of([judged([0.1, 0.5, 0.9])])
    apart, p = own.against(own, uar)
    assert (apart.value, apart.low, apart.high, p) == (0, 0, 0, 1)


def test_a_paired_difference_is_sure_where_single_figures_are_not() -> None:
    shares = [0.1, 0.3, 0.5, 0.7, 0.8]
    better, worse = Tally.of([judged([share + 0.1 for share in shares])]), Tally.of([judged(shares)])
    apart, p = better.against(worse, accuracy)
    assert (apart.value, apart.low, apart.high) == pytest.approx((0.1, 0.1, 0.1))
    assert p < 0.001
    beside, q = better.beside(worse, accuracy)
    assert beside.low < 0 < beside.high
    assert q > 0.3


def test_a_comparison_needs_the_same_speakers() -> None:
    with pytest.raises(ValueError, match="same speakers"):
        Tally.of([judged([0.5, 0.5])]).against(Tally.of([judged([0.5])]), uar)


def test_seeds_are_averaged() -> None:
    own = Tally.of([judged([0.2] * 3), judged([0.6] * 3)])
    assert own.each(uar) == pytest.approx([0.2, 0.6])
    assert own.estimate(uar).value == pytest.approx(0.4)
    both = mean_estimate([Tally.of([judged([0.2] * 3)]), Tally.of([judged([0.6] * 5, corpus="d")])], uar)
    assert (both.value, both.low, both.high) == pytest.approx((0.4, 0.4, 0.4))


def test_tests_are_set_against_each_other_speaker_by_speaker() -> None:
    better = Tally.of([judged([0.3, 0.5, 0.9])]), Tally.of([judged([0.1, 0.3, 0.7])])
    alike = Tally.of([judged([0.6] * 5, corpus="d")]), Tally.of([judged([0.6] * 5, corpus="d")])
    apart = mean_apart([better, alike], uar)
    assert (apart.value, apart.low, apart.high) == pytest.approx((0.1, 0.1, 0.1)), "who is drawn is drawn in both"
    with pytest.raises(ValueError, match="same speakers"):
        mean_apart([(better[0], alike[0])], uar)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_figures_are_those_of_training(pairs: list[tuple[int, int]]) -> None:
    truth, answer = np.array(pairs).T
    wanted = figures(truth, answer, 4)
    confusion = np.array(wanted.confusion, float)
    assert accuracy(confusion) == pytest.approx(wanted.accuracy)
    assert uar(confusion) == pytest.approx(wanted.uar)
    assert precision(confusion) == pytest.approx(wanted.precision)
    assert f1(confusion) == pytest.approx(wanted.f1)


def test_mcnemar_is_a_fair_coin_on_what_differs() -> None:
    """Ten against two: 2 (1 + 12 + 66) / 4096."""
    one, other = judged([0.5], 20), judged([0.3], 20)
    assert mcnemar(one, other).first_only == 8
    assert mcnemar(one, one).p == 1
    right = np.zeros(40, bool)
    first, second = right.copy(), right.copy()
    first[:10], second[10:12] = True, True
    b, c = (_right(one, chosen) for chosen in (first, second))
    test = mcnemar(b, c)
    assert (test.first_only, test.second_only) == (10, 2)
    assert test.p == pytest.approx(2 * 79 / 4096)


def test_mcnemar_needs_the_same_clips() -> None:
    with pytest.raises(ValueError, match="same clips"):
        mcnemar(judged([0.5]), judged([0.5, 0.5]))


def test_holm_on_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == pytest.approx([1, 1])
    assert holm([]) == []


def _right(own: Scored, chosen: np.ndarray) -> Scored:
    """The same clips, right where chosen."""
    answer = np.where(chosen, own.truth, 1 - own.truth)
    columns = {
        name: getattr(own, name) for name in ("confidence", "probabilities", "clip", "group", "gender", "intensity")
    }
    return Scored(own.classes, own.truth, answer, **columns)
