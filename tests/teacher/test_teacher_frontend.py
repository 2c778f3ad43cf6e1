"""The teacher's input, against the one that EfficientAT's own code made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from teachers import reference

from model_build.teacher.frontend import BANDS, LEAST_SAMPLES, SILENCE, mel
from serd.errors import UsageError


def tone(hz: float, seconds: float = 0.5) -> np.ndarray:
    return (0.1 * np.sin(2 * np.pi * hz * np.arange(round(16000 * seconds)) / 16000)).astype(np.float32)


def test_it_is_the_reference(teachers: Path) -> None:
    known = reference(teachers)
    np.testing.assert_allclose(mel(known["samples"]), known["mel"].T, atol=1e-4)


def test_the_same_samples_give_the_same_bits() -> None:
    samples = np.random.default_rng(1).uniform(-1, 1, 16000).astype(np.float32)
    np.testing.assert_array_equal(mel(samples), mel(samples.copy()))


def test_silence_is_silence() -> None:
    np.testing.assert_allclose(mel(np.zeros(8000, np.float32)), SILENCE, atol=1e-6)


@pytest.mark.parametrize("hz", [300, 1000, 4000])
def test_a_tone_is_in_its_band(hz: float) -> None:
    highest = 1127 * np.log1p(15000 / 700)
    due = round(1127 * np.log1p(hz / 700) / highest * (BANDS + 1)) - 1
    assert abs(int(mel(tone(hz))[10:-10].mean(axis=0).argmax()) - due) <= 1


def test_ten_times_the_amplitude_is_twenty_decibels_everywhere_it_sounds() -> None:
    loud, quiet = mel(tone(1000)), mel(tone(1000) / 10)
    band = int(loud.mean(axis=0).argmax())
    np.testing.assert_allclose((loud - quiet)[5:-5, band], np.log(100) / 5, atol=1e-3)


@pytest.mark.parametrize("count", [LEAST_SAMPLES, 480, 16000, 48000])
def test_there_is_a_frame_each_ten_milliseconds(count: int) -> None:
    rows = mel(np.zeros(count, np.float32))
    assert rows.shape == (1 + (2 * count - 1) // 320, BANDS)
    assert rows.dtype == np.float32


@pytest.mark.parametrize("samples", [np.zeros(LEAST_SAMPLES - 1, np.float32), np.zeros((16000, 2), np.float32)])
def test_what_it_cannot_hear_is_named(samples: np.ndarray) -> None:
    with pytest.raises(UsageError, match=r"shape .* leave the clip out"):
        mel(samples)
