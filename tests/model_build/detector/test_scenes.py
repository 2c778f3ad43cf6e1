"""Scenes that the detector learns from."""

from __future__ import annotations

import numpy as np
import pytest

from model_build.clips.speech import RATE
from model_build.detector.scenes import SCENE_S, Scenes, Voices, as_recorded, noise_scene, rhythmic, speech_scene


@pytest.fixture(scope="module")
def voices() -> Voices:
    """One clip: half a second of a loud 1 kHz tone between silences, standing for a voice."""
    clip = np.zeros(2 * RATE, np.float32)
    clip[RATE // 2 : RATE] = np.sin(2 * np.pi * 1000 * np.arange(RATE // 2) / RATE)
    return Voices({"one": [(clip, clip != 0)]}, {"one": 1.0, "absent": 1.0})


RECORDED = [np.random.default_rng(0).standard_normal(RATE).astype(np.float32)]


@pytest.mark.parametrize("seed", range(8))
def test_a_scene_without_speech_says_so_and_fits_16_bits(seed: int, voices: Voices) -> None:
    samples, mask = noise_scene(np.random.default_rng(seed), voices, RECORDED)
    assert samples.shape == mask.shape == (SCENE_S * RATE,)
    assert not mask.any()
    assert np.abs(samples).max() <= 1
    np.testing.assert_array_equal(np.round(samples * 32768), samples * 32768)


def test_noise_takes_the_rhythm_of_speech_and_not_its_sound(voices: Voices) -> None:
    bursts = []
    for seed in range(10):
        sound = rhythmic(np.random.default_rng(seed), 8 * RATE, voices, RECORDED)
        assert sound.shape == (8 * RATE,)
        assert np.sqrt(np.mean(np.square(sound, dtype=np.float64))) == pytest.approx(1, rel=1e-3)
        loud = np.square(sound).reshape(-1, RATE // 20).mean(axis=1)
        bursts.append(np.median(loud) < 0.5 * loud.mean())
        power = np.square(np.abs(np.fft.rfft(sound)))
        assert power[7990 : 8 * 1010].sum() < 0.9 * power.sum()  # not the voice's tone
    assert any(bursts)  # as the voice has them, where it keeps its pauses


def test_speech_is_louder_than_what_is_around_it_where_the_mask_says_so(voices: Voices) -> None:
    louder = []
    for seed in range(12):
        samples, mask = speech_scene(np.random.default_rng(seed), voices, RECORDED)
        assert mask.any()
        assert not mask.all()
        louder.append(np.square(samples[mask]).mean() > np.square(samples[~mask]).mean())
    assert np.mean(louder) > 0.8  # at the worst signal-to-noise ratios it is not


def test_a_seed_gives_the_same_scene(voices: Voices) -> None:
    one, again = (speech_scene(np.random.default_rng(3), voices, RECORDED) for _ in range(2))
    np.testing.assert_array_equal(one[0], again[0])
    np.testing.assert_array_equal(one[1], again[1])


def test_a_drawn_voice_speaks_at_rms_1_and_keeps_its_mask(voices: Voices) -> None:
    for seed in range(10):
        samples, mask = voices.draw(np.random.default_rng(seed))
        assert samples.shape == mask.shape
        assert np.sqrt(np.mean(np.square(samples[mask]))) == pytest.approx(1, rel=0.05)
        assert (np.abs(samples[~mask]) > 0.1).sum() <= 2  # one on each side of the clip, where the pace changes


def test_silence_is_heard_as_silence() -> None:
    assert np.abs(as_recorded(np.random.default_rng(0), np.zeros(RATE, np.float32))).max() <= 1 / 32768


def test_leaving_out_a_fold_leaves_none_of_it() -> None:
    n = 10
    fold = np.array([1, 2, 3, 4, 5] * 2, np.int8)
    scenes = Scenes(np.zeros((n, 2, 2), np.uint8), np.arange(n, dtype=np.float32), fold, fold == 1, fold == 2)
    kept = scenes.where(~np.isin(scenes.fold, (4, 5)))
    assert kept.fold.tolist() == [1, 2, 3, 1, 2, 3]
    assert kept.y.tolist() == [0, 1, 2, 5, 6, 7]
    assert len(kept.x) == len(kept.inner) == len(kept.noise) == 6
