"""The pitch track: of made voices, whose pitch is known, and of what has none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_build.clips import pitch
from model_build.experiments.recipe import SMALL
from serd.block import Samples
from serd.inference.frontend import Rows

FRONT_END = SMALL.front_end


def voice(hz: float, level: float = 0.1) -> Samples:
    """A second of a voice: harmonics that fall by 6 dB an octave."""
    t = np.arange(16000) / 16000
    harmonics = range(1, int(4000 / hz))
    sound: Samples = (level * sum(np.sin(2 * np.pi * hz * k * t + k) / k for k in harmonics)).astype(np.float32)
    return sound


def window(samples: Samples) -> Rows:
    return FRONT_END.scale(FRONT_END.log_rows(samples))[-len(pitch.track(samples, FRONT_END)) :]


@given(st.floats(85, 450), st.floats(0.001, 0.5))
def test_the_pitch_of_a_voice_is_found_at_any_level(hz: float, level: float) -> None:
    track = pitch.track(voice(hz, level), FRONT_END)
    assert np.median(track[:, pitch.OCTAVES]) == pytest.approx(np.log2(hz), abs=0.03)
    assert track[:, pitch.PERIODIC].min() > pitch.VOICED


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    for samples in (noise, np.zeros(16000, np.float32)):
        track = pitch.track(samples, FRONT_END)
        assert np.isfinite(track).all()
        assert pitch.voiced(track, window(samples)).mean() < 0.02
        assert pitch.bands(track, window(samples), 8).sum() < 2


def test_a_track_is_as_long_as_the_log_rows() -> None:
    for length in (0, 400, 5000, 16123):
        samples = voice(200)[:length]
        assert pitch.track(samples, FRONT_END).shape == (len(FRONT_END.log_rows(samples)), 2)


def test_bands_tell_how_far_from_the_median_the_pitch_is_and_nothing_of_the_voice() -> None:
    low, high = (np.concatenate([voice(hz), voice(1.4 * hz), voice(hz)]) for hz in (110, 220))
    made = [pitch.bands(pitch.track(own, FRONT_END), _loud(own), 8) for own in (low, high)]
    steady = slice(5, 25)
    for own in made:
        places = (own * np.arange(8)).sum(axis=1)
        assert places[steady] == pytest.approx(3.5, abs=0.1), "the median is the middle"
        assert places[40:55] == pytest.approx(3.5 + 3.5 * np.log2(1.4), abs=0.15)
        assert own[steady].sum(axis=1) == pytest.approx(1.0)
    assert made[0][steady] == pytest.approx(made[1][steady], abs=0.1)


def test_moments_are_of_the_voiced_rows() -> None:
    both = np.concatenate([voice(200), np.zeros(16000, np.float32)])
    mean, spread = pitch.moments(pitch.track(both, FRONT_END), _loud(both))
    assert (mean, spread) == (pytest.approx(np.log2(200), abs=0.03), pytest.approx(0, abs=0.1))


def _loud(samples: Samples) -> Rows:
    rows = FRONT_END.log_rows(samples)
    scaled: Rows = np.clip((rows - rows.max()) / (60 * np.log(10) / 10) + 1, 0, 1)
    return scaled
