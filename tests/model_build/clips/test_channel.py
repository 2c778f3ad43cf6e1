"""Channels in the log-band domain: each does what the wave would have done, as near as powers can say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_build.clips.channel import (
    DB,
    EMPTY,
    Channel,
    apply_channel,
    kept_share,
    limited,
    looped,
    noisy,
    paced,
    reverberant,
    warped,
)
from model_build.experiments.recipe import SECOND, SMALL
from serd.inference.frontend import Rows
from serd.inference.pitch import OCTAVES, PERIODIC

FRONT_END = SMALL.front_end
BANDS = FRONT_END.bands.count
HZ = 16000


def tone(hz: float, seconds: float = 1.0, db: float = -20) -> Rows:
    """Rows of a sine."""
    t = np.arange(round(seconds * HZ)) / HZ
    return FRONT_END.log_rows((10 ** (db / 20) * np.sin(2 * np.pi * hz * t)).astype(np.float32))


def hiss(seconds: float = 1.0, db: float = -40, seed: int = 0) -> Rows:
    """Rows of white noise."""
    chance = np.random.default_rng(seed)
    return FRONT_END.log_rows((10 ** (db / 20) * chance.standard_normal(round(seconds * HZ))).astype(np.float32))


def test_noise_is_added_at_the_ratio_asked_for():
    speech, noise = tone(1000), hiss()
    for snr in (0, 10, 20):
        added = np.exp(noisy(speech, noise, snr)) - np.exp(speech)
        ratio = 10 * np.log10(np.exp(speech).mean() / added.mean())
        assert ratio == pytest.approx(snr, abs=0.3)


def test_noise_added_as_power_is_noise_added_to_the_wave():
    chance = np.random.default_rng(1)
    one, other = (0.1 * chance.standard_normal(4 * HZ).astype(np.float32) for _ in range(2))
    apart = np.logaddexp(FRONT_END.log_rows(one), FRONT_END.log_rows(other))
    together = FRONT_END.log_rows(one + other)
    assert abs((apart - together).mean() / DB) < 0.3


def test_a_room_rings_on_and_decays_by_60_db_in_its_time():
    click = np.full((200, BANDS), EMPTY, np.float32)
    click[20] = 0
    wet = reverberant(click, 0.5, 0.0, FRONT_END) / DB
    row_s = FRONT_END.row_hop / HZ
    assert (wet[:20] <= EMPTY / DB + 4).all(), "nothing sounds before the sound"
    fallen = (wet[21, 0] - wet[21 + round(0.25 / row_s), 0]) / 30
    assert fallen == pytest.approx(1, abs=0.05), "half the time, half the decay"
    assert wet[40, -1] < wet[40, 0], "treble goes first"


def test_a_longer_throat_lowers_every_formant():
    heard = [int(warped(tone(hz), 0.9, FRONT_END).mean(axis=0).argmax()) for hz in (1000, 3000)]
    wanted = [int(tone(0.9 * hz).mean(axis=0).argmax()) for hz in (1000, 3000)]
    assert heard == pytest.approx(wanted, abs=1)


@given(st.floats(0.7, 1.4), st.integers(1, 200))
def test_pace_changes_the_length_and_keeps_the_levels(factor: float, length: int):
    rows = np.linspace(-20, 0, length, dtype=np.float32)[:, None] * np.ones((1, BANDS), np.float32)
    stretched = paced(rows, factor)
    assert len(stretched) == pytest.approx(max(1, (length - 1) / factor), abs=1.01)
    assert stretched.min() >= rows.min() - 1e-3
    assert stretched.max() <= rows.max() + 1e-3
    assert stretched[0] == pytest.approx(rows[0])


def test_a_telephone_keeps_speech_and_loses_the_rest():
    lost = (hiss() - limited(hiss(), 300, 3400, FRONT_END)).mean(axis=0) / DB
    middle = [int(tone(hz).mean(axis=0).argmax()) for hz in (100, 1000, 3000, 5000)]
    assert lost[middle] == pytest.approx([60, 0, 0, 60], abs=1)


@given(st.integers(0, 2**32 - 1))
def test_a_random_channel_gives_finite_rows_that_follow_from_its_seed(seed: int):
    rows, noises = tone(500, 2), [hiss(5)]
    one, again = (apply_channel(np.random.default_rng(seed), rows, noises, FRONT_END, Channel()) for _ in range(2))
    assert np.array_equal(one, again)
    assert np.isfinite(one).all()
    assert one.min() >= EMPTY
    assert one.shape[1] == BANDS
    assert one.dtype == np.float32


def test_noise_that_is_too_short_begins_anew():
    assert len(looped(np.random.default_rng(0), hiss(0.5), 300)) == 300


def test_a_pitch_follows_the_throat_and_is_hidden_by_noise():
    front_end = SECOND.front_end
    t = np.arange(HZ) / HZ
    voice = sum(0.1 * np.sin(2 * np.pi * 200 * k * t + k) / k for k in range(1, 20)).astype(np.float32)
    rows = front_end.log_rows(voice)
    still = Channel(noise=0, room=0, telephone=0, cut=0, tilt_db=0, pace=0, warp=0, level_db=(0, 0))
    rng = np.random.default_rng
    np.testing.assert_array_equal(apply_channel(rng(0), rows, [], front_end, still), rows)
    warp = dataclasses.replace(still, warp=0.2)
    moved = apply_channel(rng(3), rows, [], front_end, warp)[:, BANDS + OCTAVES] - rows[:, BANDS + OCTAVES]
    factor = np.exp(rng(3).normal(0, 0.2))
    np.testing.assert_allclose(moved, np.log2(factor), atol=1e-5)
    noise = [front_end.log_rows(rng(1).normal(0, 0.1, 4 * HZ).astype(np.float32))]
    hidden = apply_channel(rng(0), rows, noise, front_end, dataclasses.replace(still, noise=1, snr_db=(0, 0)))
    share = kept_share(rows[:, :BANDS], hidden[:, :BANDS], front_end.bands)
    np.testing.assert_allclose(hidden[:, BANDS + PERIODIC], share * rows[:, BANDS + PERIODIC], rtol=1e-5)
    assert share.max() < 0.9


@pytest.mark.parametrize("gain", [0.25, 0.5, 1, 2, 3])
def test_noise_in_the_wave_hides_a_pitch_by_the_share_that_is_kept(gain: float):
    front_end = SECOND.front_end
    t = np.arange(HZ) / HZ
    voice = sum(0.1 * np.sin(2 * np.pi * 200 * k * t + k) / k for k in range(1, 20)).astype(np.float32)
    noise = np.random.default_rng(2).normal(0, gain * voice.std(), HZ).astype(np.float32)
    dry, wet = front_end.log_rows(voice), front_end.log_rows(voice + noise)
    share = kept_share(dry[:, :BANDS], wet[:, :BANDS], front_end.bands)
    assert np.median(wet[:, BANDS + PERIODIC]) == pytest.approx(np.median(share), abs=0.07)


def test_the_share_that_is_kept_is_of_the_power_where_a_pitch_is_looked_for():
    dry = np.zeros((3, BANDS), np.float32)
    wet = dry.copy()
    assert kept_share(dry, wet, FRONT_END.bands) == pytest.approx(1)
    wet[1] = np.log(4)
    wet[2, -5:] = 5
    assert kept_share(dry, wet, FRONT_END.bands) == pytest.approx([1, 0.25, 1])
