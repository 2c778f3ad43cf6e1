"""Figures of merit, against hand-made cases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_build.metrics import calibration_error, figures, fit_temperature, log_loss
from serd.inference.model import softmax


def test_a_hand_made_confusion() -> None:
    truth = np.array([0, 0, 0, 0, 1, 1, 2])
    answers = np.array([0, 0, 0, 1, 1, 0, 2])
    found = figures(truth, answers, 4)
    assert found.confusion == [[3, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert found.accuracy == pytest.approx(5 / 7)
    assert found.uar == pytest.approx((3 / 4 + 1 / 2 + 1) / 3)
    assert found.precision == pytest.approx((3 / 4 + 1 / 2 + 1) / 3)
    assert found.f1 == pytest.approx((0.75 + 0.5 + 1) / 3)
    assert found.count == 7


def test_a_label_never_answered_has_precision_zero() -> None:
    found = figures(np.array([0, 1]), np.array([0, 0]), 2)
    assert found.precision == pytest.approx(0.25)
    assert found.uar == pytest.approx(0.5)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=50))
def test_accuracy_is_the_share_on_the_diagonal(pairs: list[tuple[int, int]]) -> None:
    truth, answers = np.array(pairs).T
    assert figures(truth, answers, 5).accuracy == pytest.approx((truth == answers).mean())


def test_log_loss_of_a_fair_coin() -> None:
    assert log_loss(np.array([0, 1]), np.full((2, 2), 0.5)) == pytest.approx(np.log(2))


def test_overconfidence_is_measured_and_mended() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, (4000, 5))
    truth = np.array([rng.choice(5, p=p) for p in softmax(honest)])
    assert calibration_error(truth, softmax(honest)) < 0.03
    assert calibration_error(truth, softmax(3 * honest)) > 0.1
    assert fit_temperature(truth, 3 * honest) == pytest.approx(3, rel=0.1)
