"""serd.inference.decision: the speech gate, smoothing, hysteresis, dwell."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.inference.decision import Decider, Decision, Rules, SpeechGate

STRIDE_S = 0.25
HAPPY, SAD, ANGRY = 0, 1, 2


def towards(label: int, share: float) -> np.ndarray:
    """Probabilities of three labels with `share` for one."""
    chances = np.full(3, (1 - share) / 2)
    chances[label] = share
    return chances


def decide(answers: list[np.ndarray], rules: Rules | None = None) -> list[Decision]:
    decider = Decider(rules or Rules(), STRIDE_S)
    return [decider.step(answer) for answer in answers]


def test_the_gate_opens_at_on_and_stays_until_off():
    gate = SpeechGate(Rules(speech_on=0.6, speech_off=0.4, speech_hold_s=0), STRIDE_S, 3.0)
    heard = [gate.step(p) for p in (0.5, 0.6, 0.5, 0.41, 0.39, 0.5, 0.7)]
    assert heard == [False, True, True, True, False, False, True]


def test_the_gate_holds_over_pauses_between_words():
    gate = SpeechGate(Rules(speech_hold_s=0.5), STRIDE_S, 3.0)
    assert [gate.step(p) for p in (0.9, 0.0, 0.0, 0.0, 0.0)] == [True, True, True, False, False]


def test_only_strides_with_speech_are_evidence_and_only_in_the_window():
    gate = SpeechGate(Rules(speech_on=0.6, speech_hold_s=5, speech_min_s=0.5), STRIDE_S, window_s=1.0)
    enough = []
    for p in (0.9, 0.5, 0.5, 0.9, 0.5, 0.5):
        assert gate.step(p)
        enough.append(gate.heard_enough)
    assert enough == [False, False, False, True, False, False]


def test_a_skipped_stride_counts_as_the_one_before():
    gate = SpeechGate(Rules(speech_on=0.6, speech_min_s=0.5), STRIDE_S, window_s=1.0)
    gate.step(0.9)
    gate.skip()
    assert gate.heard_enough
    gate.step(0.5)
    gate.skip()
    gate.skip()
    assert not gate.heard_enough


def test_the_gate_says_how_much_speech_the_window_holds():
    gate = SpeechGate(Rules(speech_on=0.6, speech_hold_s=5), STRIDE_S, window_s=1.0)
    heard = []
    for p in (0.9, 0.9, 0.5, 0.9, 0.9, 0.5):
        gate.step(p)
        heard.append(gate.heard_s)
    assert heard == [0.25, 0.5, 0.5, 0.75, 0.75, 0.5]


def test_by_the_rule_of_evidence_a_window_with_little_speech_is_soon_outvoted():
    alike, weighed = (Decider(Rules(smoothing_s=10, evidence=power), STRIDE_S) for power in (0, 2))
    for answer, heard_s in ((towards(SAD, 0.9), 0.5), (towards(SAD, 0.9), 0.75), (towards(HAPPY, 0.9), 2.0)):
        first, second = alike.step(answer, heard_s), weighed.step(answer, heard_s)
    assert int(first.probabilities.argmax()) == SAD
    assert int(second.probabilities.argmax()) == HAPPY


def test_smoothing_begins_as_the_mean_of_what_was_heard_since_speech_began():
    decider = Decider(Rules(smoothing_s=1e6), STRIDE_S)
    answers = [towards(HAPPY, 0.9), towards(SAD, 0.6), towards(ANGRY, 0.5)]
    published = [decider.step(answer).probabilities for answer in answers][-1]
    logs = np.log(answers).mean(axis=0)
    np.testing.assert_allclose(published, np.exp(logs) / np.exp(logs).sum(), rtol=1e-4)


@given(st.lists(st.floats(0.25, 3), min_size=1, max_size=12), st.floats(0, 4))
def test_answers_that_agree_stay_as_they_are_whatever_their_evidence(heard: list[float], power: float):
    decider = Decider(Rules(evidence=power), STRIDE_S)
    for heard_s in heard:
        published = decider.step(towards(HAPPY, 0.7), heard_s).probabilities
        np.testing.assert_allclose(published, towards(HAPPY, 0.7), atol=1e-9)


def test_a_gap_closes_the_gate():
    gate = SpeechGate(Rules(), STRIDE_S, 3.0)
    gate.step(0.9)
    gate.reset()
    assert not gate.step(0.5)


def test_no_speech_is_silence_or_noise_by_level_and_names_no_emotion():
    decider = Decider(Rules(silence_db=-60), STRIDE_S)
    quiet, loud = decider.silent(-80), decider.silent(-20)
    assert (quiet.state, quiet.reason, loud.reason) == ("no-speech", "silence", "noise")
    assert quiet.label is None
    assert quiet.probabilities is None


def test_a_label_is_announced_only_after_it_has_led_for_the_dwell():
    states = [(d.state, d.reason) for d in decide([towards(HAPPY, 0.9)] * 3)]
    assert states == [("uncertain", "settling"), ("emotion", "confident"), ("emotion", "confident")]


def test_weak_and_ambiguous_answers_stay_uncertain_with_their_reason():
    assert decide([towards(HAPPY, 0.4)] * 8)[-1].reason == "low-confidence"
    assert decide([np.array([0.49, 0.46, 0.05])] * 8)[-1].reason == "ambiguous"


def test_one_stray_window_changes_nothing():
    answers = [towards(HAPPY, 0.9)] * 6 + [towards(SAD, 0.9)] + [towards(HAPPY, 0.9)] * 4
    assert {d.label for d in decide(answers)[1:]} == {HAPPY}


def test_a_lasting_change_is_followed():
    labels = [d.label for d in decide([towards(HAPPY, 0.9)] * 6 + [towards(ANGRY, 0.9)] * 8)]
    assert labels[5] == HAPPY
    assert labels[-1] == ANGRY


def test_an_announced_label_is_held_above_off_and_withdrawn_below():
    rules = Rules(smoothing_s=0, emotion_on=0.6, emotion_off=0.4)
    steps = decide([towards(HAPPY, 0.9)] * 2 + [towards(HAPPY, 0.5)] * 2 + [towards(HAPPY, 0.3)], rules)
    assert [(d.state, d.reason) for d in steps[1:]] == [
        ("emotion", "confident"),
        ("emotion", "held"),
        ("emotion", "held"),
        ("uncertain", "low-confidence"),
    ]


def test_an_announced_label_is_replaced_only_by_one_that_leads_it_by_the_rule_of_switching():
    rules = Rules(smoothing_s=0, dwell_s=0, emotion_off=0.1, switch=0.5)
    steps = decide([towards(HAPPY, 0.9), towards(SAD, 0.6), towards(SAD, 0.6), towards(SAD, 0.8)], rules)
    assert [(d.label, d.reason) for d in steps] == [
        (HAPPY, "confident"),
        (HAPPY, "held"),
        (HAPPY, "held"),
        (SAD, "confident"),
    ]


def test_a_first_label_needs_no_lead_over_another_nor_does_one_after_a_withdrawal():
    rules = Rules(smoothing_s=0, dwell_s=0, emotion_off=0.3, switch=1)
    steps = decide([towards(HAPPY, 0.9), towards(SAD, 0.9), towards(SAD, 0.9)], rules)
    assert [d.label for d in steps] == [HAPPY, None, SAD]


def test_silence_forgets_the_label():
    decider = Decider(Rules(), STRIDE_S)
    for _ in range(4):
        decider.step(towards(HAPPY, 0.9))
    decider.silent(-80)
    assert decider.step(towards(HAPPY, 0.9)).reason == "settling"


chances = st.lists(st.floats(0, 1), min_size=4, max_size=4).map(lambda xs: (np.array(xs) + 1e-9) / (sum(xs) + 4e-9))


@given(st.lists(chances, min_size=1, max_size=40))
def test_every_decision_is_consistent(answers: list[np.ndarray]):
    rules = Rules()
    for decision in decide(answers, rules):
        assert decision.probabilities is not None
        assert decision.probabilities.sum() == pytest.approx(1)
        assert (decision.state == "emotion") == (decision.label is not None)
        if decision.label is not None:
            assert decision.probabilities[decision.label] >= rules.emotion_off
            assert decision.confidence == decision.probabilities[decision.label]


@given(st.lists(chances, min_size=1, max_size=40))
def test_labels_do_not_change_faster_than_the_dwell(answers: list[np.ndarray]):
    rules = Rules(dwell_s=1.0, smoothing_s=0.25)
    labels = [d.label for d in decide(answers, rules)]
    named = [k for k in range(len(labels)) if labels[k] is not None and (k == 0 or labels[k] != labels[k - 1])]
    assert all(later - sooner >= 4 for sooner, later in itertools.pairwise(named))


@given(st.lists(chances, min_size=1, max_size=40), st.floats(0, 1))
def test_no_label_takes_anothers_place_without_that_lead(answers: list[np.ndarray], switch: float):
    steps = decide(answers, Rules(smoothing_s=0.25, emotion_off=0.1, switch=switch))
    for before, now in itertools.pairwise(steps):
        if None not in (before.label, now.label) and now.label != before.label:
            assert now.probabilities[now.label] - now.probabilities[before.label] >= switch


@given(st.lists(chances, min_size=1, max_size=40), st.floats(0, 0.1))
def test_a_lead_that_every_announced_label_has_changes_nothing(answers: list[np.ndarray], switch: float):
    plain, ruled = (decide(answers, rules) for rules in (Rules(margin=0.1), Rules(margin=0.1, switch=switch)))
    assert [(d.state, d.reason, d.label) for d in plain] == [(d.state, d.reason, d.label) for d in ruled]


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("speech_on", 1.5),
        ("switch", 1.5),
        ("dwell_s", -1),
        ("evidence", 17),
        ("smoothing_s", float("nan")),
        ("speech_onn", 0.5),
    ],
)
def test_impossible_rules_are_named(rule: str, value: float):
    with pytest.raises(ValueError, match=rule):
        Rules.make({rule: value})


def test_hysteresis_must_not_be_upside_down():
    with pytest.raises(ValueError, match="emotion_off"):
        Rules.make({"emotion_on": 0.3}, {"emotion_off": 0.4})


def test_later_layers_of_rules_win():
    assert Rules.make({"dwell_s": 1, "margin": 0.2}, {"dwell_s": 2}) == Rules(dwell_s=2, margin=0.2)
