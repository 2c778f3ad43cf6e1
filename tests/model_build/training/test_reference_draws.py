"""model_build.training.reference_draws: never the own clip, sentence or another line, and the same by the same seed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from model_build.training.reference_draws import ReferenceDraws, WindowFacts


@st.composite
def spoken(draw: st.DrawFn) -> WindowFacts:
    count = draw(st.integers(1, 40))

    def columns(most: int) -> np.ndarray:
        return np.array(draw(st.lists(st.integers(0, most), min_size=count, max_size=count)), np.intp)

    neutral = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    return WindowFacts(columns(20), columns(3), columns(4), neutral, 0.5 + columns(5) / 2.0)


@given(own=spoken(), seed=st.integers(0, 99), most=st.integers(1, 8), share=st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_a_reference_is_of_the_same_line_and_never_of_the_clip_or_its_sentence(
    own: WindowFacts, seed: int, most: int, share: float
) -> None:
    chosen = np.random.default_rng(seed).integers(len(own.clip), size=30)
    draws = ReferenceDraws(own, most, share)
    index, seconds = draws.draw(np.random.default_rng(seed), chosen)
    again = draws.draw(np.random.default_rng(seed), chosen)
    np.testing.assert_array_equal(index, again[0])
    np.testing.assert_array_equal(seconds, again[1])
    row, place = np.nonzero(seconds)
    told, of = index[row, place], chosen[row]
    assert (own.line[told] == own.line[of]).all()
    assert (own.clip[told] != own.clip[of]).all()
    assert (own.text[told] != own.text[of]).all()
    np.testing.assert_array_equal(seconds[row, place], own.seconds[told])


def person(count: int = 200) -> WindowFacts:
    """One person through one line: each clip another sentence, a fifth of them neutral, two seconds each."""
    clip = np.arange(count)
    return WindowFacts(clip, clip, np.zeros(count, np.intp), clip % 5 == 0, np.full(count, 2.0))


def test_four_fifths_are_neutral_however_few_of_the_clips_are() -> None:
    own = person()
    index, seconds = ReferenceDraws(own, 8, 0.8).draw(np.random.default_rng(0), np.arange(200).repeat(10))
    assert abs(own.neutral[index[seconds > 0]].mean() - 0.8) < 0.02
    clips = (seconds > 0).sum(axis=1)
    assert clips.min() >= 1
    assert abs(clips.mean() - 4.5) < 0.1


def test_a_person_without_neutral_speech_is_referred_to_what_there_is() -> None:
    own = person()
    loud = WindowFacts(own.clip, own.text, own.line, np.zeros(200, bool), own.seconds)
    _, seconds = ReferenceDraws(loud, 8, 0.8).draw(np.random.default_rng(0), np.arange(200))
    assert (seconds.sum(axis=1) > 0).all()


def test_means_are_weighed_by_seconds() -> None:
    own = WindowFacts(
        *np.arange(6).reshape(2, 3)[[0, 0]], np.zeros(3, np.intp), np.ones(3, bool), np.array([1.0, 3.0, 3.0])
    )
    features = np.array([[0.0], [1.0], [2.0]], np.float32)
    means, seconds = ReferenceDraws(own, 1, 1.0).references(np.random.default_rng(0), np.zeros(50, np.intp), features)
    assert set(means[:, 0].tolist()) == {1.0, 2.0}
    assert (seconds == 3).all()
    both, total = ReferenceDraws(own, 8, 1.0).references(np.random.default_rng(1), np.ones(400, np.intp), features)
    mixed = both[(both > 0) & (both < 2)]
    ratio = mixed / (2 - mixed)  # clips of 3 s at 2, of 1 s at 0: ratio is 3 times a fraction of small numbers
    assert ratio.size
    assert all(any(abs(r - 3 * a / b) < 1e-4 for a in range(1, 8) for b in range(1, 8)) for r in ratio)
    assert total.max() <= 24
