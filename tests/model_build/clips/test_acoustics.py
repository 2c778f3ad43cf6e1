"""Made noises, rooms and microphones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model_build.clips import acoustics as noise

SECOND = 16000


def level(sound: np.ndarray, low: float, high: float) -> float:
    """dB of the power between two frequencies."""
    power = np.square(np.abs(np.fft.rfft(sound)))
    hz = np.fft.rfftfreq(len(sound), 1 / SECOND)
    return float(10 * np.log10(power[(hz >= low) & (hz < high)].sum() + 1e-20))


@settings(max_examples=40, deadline=None)
@given(maker=st.sampled_from(noise.MAKERS), seed=st.integers(0, 2**32), length=st.integers(1, 3 * SECOND))
def test_every_noise_has_the_length_asked_for_and_rms_1(maker: noise.Maker, seed: int, length: int) -> None:
    sound = maker(np.random.default_rng(seed), length)
    assert sound.shape == (length,)
    assert sound.dtype == np.float32
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))
    assert rms == pytest.approx(1, rel=1e-3) or not sound.any()


@pytest.mark.parametrize("maker", noise.MAKERS)
def test_a_seed_gives_the_same_noise(maker: noise.Maker) -> None:
    one, again, other = (maker(np.random.default_rng(seed), 2 * SECOND) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def test_pink_noise_is_equally_loud_in_every_octave() -> None:
    pink = noise.power_law(np.random.default_rng(0), 30 * SECOND, 1.0)
    octaves = [level(pink, low, 2 * low) for low in (100, 200, 400, 800, 1600, 3200)]
    assert max(octaves) - min(octaves) < 1


def test_hum_stands_on_the_mains_harmonics() -> None:
    hum = noise.hum(np.random.default_rng(0), 10 * SECOND, 50.0)
    assert level(hum, 45, 55) + 10 > level(hum, 55, 95) + 20


def test_a_telephone_passes_only_its_band() -> None:
    heard = noise.telephone(noise.power_law(np.random.default_rng(0), 4 * SECOND, 0.0))
    assert level(heard, 500, 3000) - level(heard, 4000, 7000) > 30
    assert level(heard, 500, 3000) - level(heard, 20, 200) > 25


def test_a_room_begins_with_the_direct_sound_and_dies_away_by_60_db() -> None:
    response = noise.room(np.random.default_rng(0), 0.5, 0.5)
    energy = np.cumsum(np.square(response[:0:-1], dtype=np.float64))[::-1]
    assert response[0] == 1
    assert 10 * np.log10(energy[int(0.45 * SECOND)] / energy[int(0.01 * SECOND)]) < -45


def test_in_a_room_the_direct_sound_stays_where_it_was() -> None:
    click = np.zeros(SECOND, np.float32)
    click[3000] = 1
    heard = noise.in_room(click, noise.room(np.random.default_rng(0)))
    assert heard.shape == click.shape
    assert np.argmax(np.abs(heard)) == 3000
    assert np.abs(heard[:2999]).max() < 1e-5
