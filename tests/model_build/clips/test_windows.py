"""Windows out of clips."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model_build.clips.features import Clip
from model_build.clips.windows import asked_ends, asked_windows, cut_window, draw_end, draw_windows, rows_of
from model_build.corpora import Utterance
from model_build.thesis.plan import THESIS

ROW = 0.03125
"""Seconds."""


def clip(spoken: list[bool], seed: int = 0) -> Clip:
    spoken = (spoken + [False] * (-len(spoken) % 8)) or [False] * 8
    rows = np.random.default_rng(seed).uniform(-30, -2, (len(spoken), 64)).astype(np.float32)
    return Clip(Utterance(Path("x.wav"), "x", "c", "s"), "", rows, np.array(spoken))


ONE_SECOND = [False] * 32 + [True] * 64 + [False] * 64
"""1 s of silence, 2 s of speech, 2 s of silence."""


def test_the_daemon_is_asked_from_half_a_second_of_speech_until_shortly_after_it() -> None:
    ends = asked_ends(clip(ONE_SECOND), THESIS)
    assert ends[0] == 48  # the first whole stride with 16 rows of speech
    assert ends[-1] == 112  # speech ends at row 96, and 24 rows later at the latest it is over
    assert set(np.diff(ends)) == {8}


def test_a_clip_with_hardly_any_speech_has_one_window() -> None:
    assert len(asked_ends(clip([False] * 40 + [True] * 3 + [False] * 37), THESIS)) == 1
    assert len(asked_ends(clip([False] * 80), THESIS)) == 1


def test_windows_are_scaled_and_padded_by_the_front_end() -> None:
    own = clip(ONE_SECOND)
    early, late = cut_window(own, 48, THESIS), cut_window(own, 120, THESIS)
    np.testing.assert_array_equal(early, THESIS.scale(own.rows[:48]))
    assert not early[:48].any()
    np.testing.assert_array_equal(late, THESIS.scale(own.rows[24:120]))


@given(st.lists(st.booleans(), min_size=1, max_size=200), st.integers(0, 1000))
def test_drawn_windows_end_within_the_clip_and_after_its_onset(spoken: list[bool], seed: int) -> None:
    own = clip(spoken)
    end = draw_end(np.random.default_rng(seed), own, THESIS)
    assert 0 < end <= len(own.rows)
    if own.spoken.any():
        onset, last = np.flatnonzero(own.spoken)[[0, -1]]
        assert end >= min(onset + rows_of(0.8, THESIS), last + 1)
        assert end <= last + 1 + rows_of(0.75, THESIS)


def test_draws_reach_every_alignment() -> None:
    rng = np.random.default_rng(0)
    ends = {draw_end(rng, clip(ONE_SECOND), THESIS) for _ in range(2000)}
    assert ends == set(range(32 + 26, 96 + 24 + 1))


def test_many_clips_keep_their_order() -> None:
    clips = [clip(ONE_SECOND, 1), clip([False] * 16, 2), clip(ONE_SECOND, 3)]
    windows = asked_windows(clips, THESIS)
    assert windows.clip.tolist() == [0] * 9 + [1] + [2] * 9
    np.testing.assert_array_equal(windows.inputs[9], cut_window(clips[1], int(asked_ends(clips[1], THESIS)[0]), THESIS))
    assert draw_windows(np.random.default_rng(0), clips, THESIS).shape == (3, 96, 64)
    assert len(asked_windows([], THESIS).inputs) == 0
