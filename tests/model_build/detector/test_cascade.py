"""Figures of speech detectors, from streams with a known answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_build.clips.speech import RATE, STRIDE, recent_speech
from model_build.clips.streams import made_streams
from model_build.detector.cascade import FalseSpeech, RuleLimits, SpeechStream, choose_rules, missed_speech, run_cascade
from serd.inference.decision import Rules

RULES = Rules(speech_on=0.6, speech_off=0.4, speech_hold_s=0.5, speech_min_s=0.5)


def stream() -> SpeechStream:
    """4 s of silence and 2 s of speech, five times."""
    mask = np.tile(np.repeat([False, True], [4 * RATE, 2 * RATE]), 5)
    return SpeechStream(mask.astype(np.float32), mask)


def ideal(of: SpeechStream) -> np.ndarray:
    return (recent_speech(of.mask, len(of.mask) // STRIDE) >= 0.2).astype(float)


def test_who_hears_everything_misses_nothing() -> None:
    found = missed_speech(stream(), ideal(stream()), RULES)
    assert found["windows"] == found["strides"] == found["pauses"] == 0
    assert found["delay_s"] == pytest.approx(0.5)
    assert found["of_windows"] > 0


def test_who_hears_nothing_misses_everything() -> None:
    found = missed_speech(stream(), 0 * ideal(stream()), RULES)
    assert found["windows"] == found["strides"] == 1
    assert np.isnan(found["delay_s"])


def test_who_always_hears_speech_hears_it_in_the_pauses() -> None:
    assert missed_speech(stream(), np.ones(120), RULES)["pauses"] == 1


def test_a_lost_second_is_counted() -> None:
    p = ideal(stream())
    p[np.flatnonzero(p)[4:8]] = 0  # within the first clip; the gate holds for 2 of the 4
    found = missed_speech(stream(), p, RULES)
    assert 0 < found["strides"] <= 2 / 40


def test_alarms_are_counted_by_the_hour() -> None:
    p = np.zeros(4 * 3600)
    p[100], p[1000:1008] = 1, 1
    alarms = FalseSpeech()
    alarms.add(p, RULES)
    figures = alarms.figures()
    assert figures["hours"] == 1
    assert figures["open"] * len(p) == 3 + 10
    assert figures["runs_per_hour"] == 1
    assert figures["asked_per_hour"] == 1  # one stride alone is no evidence


@given(st.lists(st.floats(0, 1), min_size=1, max_size=80))
def test_the_network_is_asked_only_while_the_gate_is_open(p: list[float]) -> None:
    gated = run_cascade(np.array(p), RULES)
    assert not (gated.asked & ~gated.speaking).any()
    assert gated.speaking[0] == (p[0] >= RULES.speech_on)
    assert not gated.asked[:1].any()


def test_the_chosen_rules_keep_out_a_noise_that_the_defaults_let_in() -> None:
    spoken = stream()
    noises = np.where(np.arange(400) % 40 < 4, 0.75, 0.0)
    rules = choose_rules([(spoken, 0.98 * ideal(spoken))], [noises], RuleLimits())
    assert run_cascade(noises, RULES).asked.any()
    assert not run_cascade(noises, rules).asked.any()
    assert missed_speech(spoken, 0.98 * ideal(spoken), rules)["windows"] == 0


def test_made_sounds_have_the_duration_asked_for() -> None:
    seconds: dict[str, float] = {}
    for name, samples in made_streams(np.random.default_rng(0), 10):
        seconds[name] = seconds.get(name, 0) + len(samples) / RATE
        assert np.abs(samples).max() <= 1
    assert set(seconds.values()) == {10}
    assert {"digital silence", "dither", "pink noise"} < set(seconds)
