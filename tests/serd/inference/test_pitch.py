"""The pitch track: of made voices, whose pitch is known, and of what has none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_build.clips.pitch import VOICE
from model_build.experiments.recipe import SECOND, SMALL
from serd.block import Samples
from serd.inference.frontend import Rows
from serd.inference.pitch import OCTAVES, PERIODIC, VOICED, voiced

FRONT_END = SECOND.front_end


def voice(hz: float, level: float = 0.1) -> Samples:
    """A second of a voice: harmonics that fall by 6 dB an octave."""
    t = np.arange(16000) / 16000
    harmonics = range(1, int(4000 / hz))
    sound: Samples = (level * sum(np.sin(2 * np.pi * hz * k * t + k) / k for k in harmonics)).astype(np.float32)
    return sound


def tracked(samples: Samples) -> Rows:
    return FRONT_END.log_rows(samples)[:, 40:]


def window(samples: Samples) -> Rows:
    return FRONT_END.scale(FRONT_END.log_rows(samples))[-len(tracked(samples)) :, :40]


@settings(deadline=None)
@given(st.floats(85, 450), st.floats(0.001, 0.5))
def test_the_pitch_of_a_voice_is_found_at_any_level(hz: float, level: float) -> None:
    track = tracked(voice(hz, level))
    assert np.median(track[:, OCTAVES]) == pytest.approx(np.log2(hz), abs=0.03)
    assert track[:, PERIODIC].min() > VOICED


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
    for samples in (noise, np.zeros(16000, np.float32)):
        track = tracked(samples)
        assert np.isfinite(track).all()
        assert voiced(track, window(samples)).mean() < 0.02
        assert VOICE.bands(track, window(samples)).sum() < 2


def test_a_track_is_as_long_as_the_log_rows() -> None:
    for length in (0, 400, 5000, 16123):
        samples = voice(200)[:length]
        assert tracked(samples).shape == (len(SMALL.front_end.log_rows(samples)), 2)


def test_bands_tell_how_far_from_the_median_the_pitch_is_and_nothing_of_the_voice() -> None:
    low, high = (np.concatenate([voice(hz), voice(1.4 * hz), voice(hz)]) for hz in (110, 220))
    made = [VOICE.bands(tracked(own), _loud(own)) for own in (low, high)]
    steady = slice(5, 25)
    for own in made:
        places = (own * np.arange(8)).sum(axis=1)
        assert places[steady] == pytest.approx(3.5, abs=0.1), "the median is the middle"
        assert places[40:55] == pytest.approx(3.5 + 3.5 * np.log2(1.4), abs=0.15)
        assert own[steady].sum(axis=1) == pytest.approx(1.0)
    assert made[0][steady] == pytest.approx(made[1][steady], abs=0.1)


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_rows_are_the_same_bits_in_any_batches(batches: list[int]) -> None:
    """What the daemon computes stride by stride is what training computed at once."""
    samples = np.tile(sung(), 2)[: sum(batches) * FRONT_END.row_hop + FRONT_END.stft.overlap]
    parts, start = [], 0
    for batch in batches:
        length = batch * FRONT_END.row_hop
        parts.append(FRONT_END.log_rows(samples[start : start + length + FRONT_END.stft.overlap]))
        start += length
    assert np.array_equal(np.concatenate(parts), FRONT_END.log_rows(samples))


@settings(deadline=None)
@given(st.floats(-20, 10))
def test_the_input_does_not_depend_on_the_gain(decibel: float) -> None:
    samples = sung()
    louder = samples * np.float32(10 ** (decibel / 20))
    one, other = (FRONT_END.scale(FRONT_END.log_rows(own)) for own in (samples, louder))
    assert np.abs(one - other).max() < 0.01


def test_a_window_has_its_pitch_after_its_energies() -> None:
    rows = FRONT_END.log_rows(sung())
    window, plain = FRONT_END.scale(rows), SMALL.front_end.scale(SMALL.front_end.log_rows(sung()))
    assert window.shape == (96, 48) == (FRONT_END.rows, FRONT_END.columns)
    assert np.array_equal(window[:, :40], plain), "the energies are those without a pitch, to the bit"
    track = rows[-96:, 40:]
    assert np.array_equal(window[-len(track) :, 40:], VOICE.bands(track, plain[-len(track) :]))
    assert window[: 96 - len(track)].max(initial=0) == 0
    assert window[:, 40:].sum() > 20


def sung() -> Samples:
    """Three seconds whose pitch goes up and down again."""
    return np.concatenate([voice(hz) for hz in (150, 200, 170)])


def _loud(samples: Samples) -> Rows:
    rows = SMALL.front_end.log_rows(samples)
    scaled: Rows = np.clip((rows - rows.max()) / (60 * np.log(10) / 10) + 1, 0, 1)
    return scaled
