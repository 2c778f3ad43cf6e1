"""model_build.training.reference_answers: two heads as one, by the seconds that are known of the person."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model_build.corpora import Utterance
from model_build.networks.head import OUTPUTS, Head
from model_build.networks.person_reference import SecondHead
from model_build.training.encoded_clips import EncodedClips
from model_build.training.encoder_states import States
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_calibration import Temperatures
from model_build.training.reference_answers import ReferenceAsker, blend, scaled
from serd.inference.decision import Rules
from serd.inference.model import softmax

RULES = Rules.make({"evidence": 1.0})


def made(*rows: list[float]) -> HeadAnswers:
    clips = tuple(Utterance(Path("x"), str(k), "emo-db", "03") for k in range(len(rows)))
    return HeadAnswers(clips, [np.array([row], np.float32) for row in rows], [np.ones(1) for _ in rows])


def test_scaled_answers_have_temperatures_of_one() -> None:
    own = made([4.0, 0.0, 1.0, 2.0])
    np.testing.assert_allclose(
        scaled(own, Temperatures(2.0, 4.0)).logits[0][:, :-1], np.log(softmax(np.array([[2.0, 0.0, 0.5]]))), rtol=1e-5
    )
    assert scaled(own, Temperatures(2.0, 4.0)).activation(1.0) == own.activation(4.0)


def test_the_more_seconds_the_more_of_the_second_head() -> None:
    first, second = made(*[[0.0, 0.0, 0.0, 0.0]] * 3), made(*[[4.0, 0.0, 0.0, 2.0]] * 3)
    both = blend(first, second, np.array([0.0, 4.0, 12.0]), 4.0)
    np.testing.assert_allclose([logits[0, 0] for logits in both.logits], [0.0, 2.0, 3.0])
    np.testing.assert_allclose([logits[0, 3] for logits in both.logits], [0.0, 1.0, 1.5])


def test_clips_are_compared_with_what_their_own_person_said_before() -> None:
    """Two persons, one far from the other: a head that sees differences alone says the same of both."""
    emotions = ("neutral", "neutral", "angry")
    clips = tuple(
        Utterance(Path("x"), f"{person}{k}", "emo-db", person, emotion=emotion, text=str(k))
        for person in ("03", "08")
        for k, emotion in enumerate(emotions)
    )
    statistics = np.zeros((6, 5, 2, 1), np.float16)
    statistics[:, 1, 0, 0] = [0, 0, 3, 10, 10, 13]
    encoded = EncodedClips(clips, States(np.arange(6), np.full(6, 20.0), statistics))
    past = np.zeros((4, OUTPUTS), np.float32)
    past[2, 0] = 1
    zeros = np.zeros((4, 1), np.float32)
    head = Head((1,), np.zeros(4), np.ones(4), zeros, np.zeros(1), np.zeros((1, OUTPUTS)), past, np.zeros(OUTPUTS))
    asker = ReferenceAsker(SecondHead(head, 0.0), RULES)
    told = asker.answers(encoded, "neutral", lambda _: True)
    np.testing.assert_allclose([own[0, 0] for own in told.answers.logits], [0, 0, 3, 0, 0, 3])

    assert told.seconds.tolist() == [20.0, 20.0, 40.0, 20.0, 20.0, 40.0]
