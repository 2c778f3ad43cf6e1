"""Answers held against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from model_build.statistics.predictions import FOUR, answers, pool, score_answers, shared
from tests.support.judgements import crowd, said


def test_other_emotions_are_dropped_and_the_rest_is_normalised() -> None:
    people = crowd("emo-db", ("neutral", "sad", "disgust"), speakers=1, each=1)
    labels = ("neutral", "sad", "disgust")
    own = score_answers(answers(people, np.array([[0.2, 0.2, 0.6], [0.1, 0.3, 0.6], [0, 0, 1]])), labels, FOUR)
    assert own.classes == ("neutral/calm", "happy", "sad", "angry")
    assert own.clip.tolist() == ["0neutral0", "0sad0"]
    assert own.probabilities[1] == pytest.approx([0.25, 0, 0.75, 0], abs=1e-6)
    assert own.answer.tolist() == [0, 2]
    assert own.confidence == pytest.approx([0.5, 0.75], abs=1e-6)


def test_calm_and_neutral_count_as_one() -> None:
    people = crowd("ravdess-speech", ("calm", "happy"), speakers=1, each=1)
    labels = ("neutral", "calm", "happy")
    said_of = np.array([[0.3, 0.3, 0.4], [0.3, 0.3, 0.4]])
    assert score_answers(answers(people, said_of), labels, FOUR).right.tolist() == [True, False]
    assert score_answers(answers(people, said_of), labels).right.tolist() == [False, True]


def test_a_network_without_calm_can_be_right_about_it_in_four_classes() -> None:
    people = crowd("ravdess-speech", ("calm",), speakers=1, each=2)
    own = score_answers(answers(people, np.array([[0.9, 0.1], [0.2, 0.8]])), ("neutral", "happy"), FOUR)
    assert own.right.tolist() == [True, False]


def test_shared_emotions_are_those_of_network_and_test() -> None:
    own = said(crowd("urdu", ("angry", "sad", "calm")), lambda _: 1.0, ("angry", "happy", "sad"))
    assert shared(own, ("angry", "happy", "sad")) == (("angry",), ("sad",))


def test_folds_are_pooled() -> None:
    labels = ("happy", "sad")
    one, other = (score_answers(said(crowd(name, labels), lambda _: 0.5, labels), labels) for name in ("a", "b"))
    both = pool([one, other])
    assert len(both.clip) == len(one.clip) + len(other.clip)
    assert set(both.group) == set(one.group) | set(other.group)
    assert both.right.mean() == 0.5
