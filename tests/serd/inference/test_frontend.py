"""serd.inference.frontend: framing, bands, scaling; the same bits however the frames are batched."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from serd.inference.frontend import FLOOR, Bands, FrontEnd, Stft

STFT = Stft(16000, 512, 250)
FRONT_END = FrontEnd(STFT, Bands("linear", 64, 0, 8000, 2), rows=96, top_db=60, quiet_db=-70)
MEL = Bands("mel", 40, 60, 7600)
ENCODER = FrontEnd(Stft(16000, 400, 160), Bands("slaney", 80, 0, 8000), rows=300, top_db=80, quiet_db=-70)


def noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, count).astype(np.float32)


def sine(hz: float, seconds: float, amplitude: float = 1.0) -> np.ndarray:
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * 16000)) / 16000)).astype(np.float32)


def test_power_is_scipys_stft_squared():
    samples = noise(4000)
    taper = scipy.signal.get_window("hann", 512)
    reference = scipy.signal.ShortTimeFFT(taper, 250, 16000).stft(samples, p0=2, p1=10)
    # ShortTimeFFT's slice p is centred on sample p * hop: ours begin at a frame's first sample.
    first = (samples[244 : 244 + 512] * taper).astype(np.float64)
    np.testing.assert_allclose(np.abs(np.fft.rfft(first)), np.abs(reference[:, 0]), rtol=1e-9)
    ours = STFT.power(samples[244:])[0] * (taper.sum() / 2) ** 2
    np.testing.assert_allclose(ours, np.abs(reference[:, 0]) ** 2, rtol=1e-3, atol=1e-5)


def test_a_full_scale_sine_has_zero_db_in_its_bin():
    assert 10 * np.log10(STFT.power(sine(1000, 0.1)).max()) == pytest.approx(0, abs=0.01)


def test_frames_are_neither_padded_nor_centred():
    assert len(STFT.power(np.zeros(511, np.float32))) == 0
    assert len(STFT.power(np.zeros(512, np.float32))) == 1
    assert len(STFT.power(np.zeros(512 + 250, np.float32))) == 2


@given(st.lists(st.integers(1, 7), min_size=1, max_size=6), st.sampled_from([FRONT_END.bands, MEL]))
def test_rows_are_the_same_bits_in_any_batches(batches: list[int], bands: Bands):
    whole = sum(batches) * 2
    samples = noise(whole * 250 + STFT.overlap)
    at_once = bands.log(STFT.power(samples), STFT)
    parts, start = [], 0
    for batch in batches:
        length = batch * 2 * 250
        parts.append(bands.log(STFT.power(samples[start : start + length + STFT.overlap]), STFT))
        start += length
    assert np.array_equal(np.concatenate(parts), at_once)


@pytest.mark.parametrize("bands", [FRONT_END.bands, MEL, Bands("mel", 128, 0, 8000)])
def test_flat_power_gives_flat_bands(bands: Bands):
    rows = bands.log(np.full((4, 257), 0.01, np.float32), STFT)
    assert rows.shape == (4 // bands.pool, bands.count)
    np.testing.assert_allclose(rows, np.log(0.01), rtol=1e-5)


@pytest.mark.parametrize("hz", [200, 1000, 3000, 7000])
def test_a_sine_is_brightest_in_its_mel_band(hz: float):
    def mel(f: float) -> float:
        return 1127 * np.log1p(f / 700)

    row = MEL.log(STFT.power(sine(hz, 0.1)), STFT)[0]
    centres = np.linspace(mel(60), mel(7600), 42)[1:-1]
    assert abs(int(row.argmax()) - int(np.abs(centres - mel(hz)).argmin())) <= 1


def test_slaneys_triangles_are_straight_below_1_khz_and_have_unit_area():
    stft, bands = ENCODER.stft, ENCODER.bands
    impulses = np.eye(201, dtype=np.float32)
    weights = np.exp(bands.log(impulses, stft)).T - FLOOR  # (bands, bins): what each bin alone gives
    hz = np.arange(201) * 40.0
    centre = (weights * hz).sum(axis=1) / weights.sum(axis=1)
    step = 1000 / 15 * (15 + np.log(8) / np.log(6.4) * 27) / 81  # Slaney (1998): 15 mels to 1 kHz, then 27 to 6.4
    np.testing.assert_allclose(centre[5:20], step * np.arange(6, 21), atol=12)
    np.testing.assert_allclose(weights[60:].sum(axis=1), 1, rtol=0.1)
    assert weights[:20].sum(axis=1).min() > 0


def test_slaneys_rows_are_the_same_bits_in_any_batches():
    samples = noise(50 * 160 + ENCODER.stft.overlap)
    at_once = ENCODER.log_rows(samples)
    parts = [ENCODER.log_rows(samples[k * 160 : (k + 10) * 160 + ENCODER.stft.overlap]) for k in range(0, 50, 10)]
    assert np.array_equal(np.concatenate(parts), at_once)


def test_the_encoders_input_does_not_know_the_gain():
    rows = ENCODER.log_rows(noise(48240))
    louder = ENCODER.log_rows(noise(48240) * np.float32(4))
    np.testing.assert_allclose(ENCODER.scale(rows), ENCODER.scale(louder), atol=1e-5)


def test_pooling_averages_power_not_its_logarithm():
    power = np.stack([np.full(257, 1.0), np.full(257, 0.0)]).astype(np.float32)
    np.testing.assert_allclose(FRONT_END.bands.log(power, STFT), np.log(0.5), rtol=1e-6)


def test_digital_silence_is_the_floor_and_scales_to_dark():
    rows = FRONT_END.log_rows(np.zeros(FRONT_END.window, np.float32))
    assert np.all(rows == np.log(FLOOR))
    assert FRONT_END.scale(rows).max() == 0


@given(st.floats(-20, 10))
def test_the_input_does_not_depend_on_the_gain(decibel: float):
    samples = noise(FRONT_END.window) * np.hanning(FRONT_END.window).astype(np.float32)
    louder = samples * np.float32(10 ** (decibel / 20))
    difference = FRONT_END.scale(FRONT_END.log_rows(samples)) - FRONT_END.scale(FRONT_END.log_rows(louder))
    assert np.abs(difference).max() < 1e-3  # an int8 step is 4e-3


def test_what_is_too_quiet_is_not_lifted():
    rows = FRONT_END.log_rows(noise(FRONT_END.window) * np.float32(1e-4))
    assert rows.max() < -70 * np.log(10) / 10
    assert FRONT_END.scale(rows).max() < 0.95
    assert FRONT_END.scale(FRONT_END.log_rows(noise(FRONT_END.window))).max() == 1


def test_missing_rows_are_dark_and_in_the_past():
    rows = FRONT_END.log_rows(noise(FRONT_END.window))
    scaled = FRONT_END.scale(rows[-10:])
    assert scaled.shape == (96, 64)
    assert scaled[:86].max() == 0
    assert scaled[86:].max() == 1


def test_a_window_covers_its_rows_exactly():
    assert len(FRONT_END.log_rows(noise(FRONT_END.window))) == 96
    assert len(FRONT_END.log_rows(noise(FRONT_END.window - 1))) == 95
