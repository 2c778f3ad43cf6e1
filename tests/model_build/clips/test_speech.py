"""Speech by energy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model_build.clips.speech import activity, bridge

RATE = 16000


def burst(*parts: tuple[float, float]) -> np.ndarray:
    """Noise of (seconds, amplitude) each."""
    rng = np.random.default_rng(0)
    return np.concatenate([a * rng.standard_normal(round(s * RATE)) for s, a in parts]).astype(np.float32)


def test_speech_is_found_where_it_is() -> None:
    spoken = activity(burst((1, 1e-4), (1, 0.1), (1, 1e-4)), RATE, 160)
    assert not spoken[:100].any()
    assert spoken[100:200].all()
    assert not spoken[200:].any()


def test_short_pauses_are_speech_and_long_ones_are_not() -> None:
    short = activity(burst((0.5, 0.1), (0.15, 1e-5), (0.5, 0.1)), RATE, 160)
    long = activity(burst((0.5, 0.1), (0.4, 1e-5), (0.5, 0.1)), RATE, 160)
    assert short.all()
    assert not long[55:85].any()


def test_gain_changes_nothing() -> None:
    samples = burst((0.5, 1e-4), (1, 0.1), (0.5, 0.01))
    for gain in (0.1, 3.0):
        np.testing.assert_array_equal(activity(gain * samples, RATE, 160), activity(samples, RATE, 160))


def test_silence_is_no_speech() -> None:
    assert not activity(np.zeros(RATE, np.float32), RATE, 160).any()
    assert len(activity(np.zeros(0, np.float32), RATE, 160)) == 0


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 10))
def test_bridging_fills_exactly_the_short_inner_gaps(spoken: list[bool], longest: int) -> None:
    filled = bridge(np.array(spoken, np.bool_), longest)
    for k, was in enumerate(spoken):
        before = next((k - j for j in range(k, -1, -1) if spoken[j]), None)
        after = next((j - k for j in range(k, len(spoken)) if spoken[j]), None)
        inside = before is not None and after is not None and before + after - 1 < longest
        assert filled[k] == (was or inside)
