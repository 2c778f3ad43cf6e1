"""serd.inference.quality: level, bands and clipping of known signals."""

import numpy as np
import pytest

from serd.inference.frontend import Stft
from serd.inference.quality import FLOOR_DB, measure

STFT = Stft(16000, 512, 250)


def of(samples: np.ndarray):
    samples = samples.astype(np.float32)
    return measure(samples, STFT.power(samples), 16000)


def sine(hz: float, amplitude: float) -> np.ndarray:
    return amplitude * np.sin(2 * np.pi * hz * np.arange(4262) / 16000)


@pytest.mark.parametrize("amplitude", [1.0, 0.1, 0.001])
def test_level_is_the_root_mean_square(amplitude: float):
    assert of(sine(1000, amplitude)).level == pytest.approx(20 * np.log10(amplitude / np.sqrt(2)), abs=0.1)


@pytest.mark.parametrize(
    ("hz", "band"), [(80, 0), (180, 1), (375, 2), (750, 3), (1500, 4), (2500, 5), (4000, 6), (6000, 7)]
)
def test_each_band_answers_to_its_frequency(hz: float, band: int):
    assert int(np.argmax(of(sine(hz, 0.5)).bands)) == band


def test_bands_come_in_steps_of_3_db():
    assert all(level % 3 == 0 for level in of(sine(440, 0.3)).bands)


def test_silence_has_the_floor_level_and_finite_bands():
    quiet = of(np.zeros(4262))
    assert quiet.level == FLOOR_DB
    assert set(quiet.bands) == {FLOOR_DB}


def test_clipping_is_the_share_of_samples_at_full_scale():
    samples = sine(440, 0.5)
    samples[:426] = 1.0
    assert of(samples).clipping == pytest.approx(0.1, abs=0.001)
    assert of(sine(440, 0.99)).clipping == 0


@pytest.mark.parametrize(
    ("samples", "status"),
    [
        (np.zeros(4262), "silent"),
        (np.full(4262, -0.25), "constant"),
        (np.clip(sine(300, 1.5), -1, 1), "clipped"),
        (sine(300, 0.2) + 0.1, "offset"),
        (sine(300, 0.9), "ok"),
        (np.random.default_rng(0).integers(-1, 2, 4262) / 32768, "ok"),
        (np.r_[np.zeros(4261), 2**-15], "ok"),
        (np.r_[np.ones(10), sine(300, 0.2)], "ok"),
    ],
    ids=["zeros", "stuck", "clipped", "offset", "loud", "dither", "one bit", "a click"],
)
def test_what_is_wrong_with_the_input_is_named(samples: np.ndarray, status: str):
    assert of(samples).status == status
