"""The pitch of whole clips."""

from __future__ import annotations

import numpy as np
import pytest

from model_build.clips import pitch
from model_build.experiments.recipe import SECOND, SMALL


def test_moments_are_of_the_voiced_rows() -> None:
    t = np.arange(16000) / 16000
    voice = sum(0.1 * np.sin(2 * np.pi * 200 * k * t + k) / k for k in range(1, 20))
    both = np.concatenate([voice, np.zeros(16000)]).astype(np.float32)
    track = pitch.track(both, SMALL.front_end)
    mean, spread = pitch.moments(track, SMALL.front_end.scale(SMALL.front_end.log_rows(both))[-len(track) :])
    assert (mean, spread) == (pytest.approx(np.log2(200), abs=0.03), pytest.approx(0, abs=0.1))


def test_a_clip_s_track_is_what_a_front_end_with_a_pitch_computes() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    assert np.array_equal(pitch.track(samples, SMALL.front_end), SECOND.front_end.log_rows(samples)[:, 40:])
