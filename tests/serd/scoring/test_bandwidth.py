"""serd.scoring.bandwidth: a telephone is noticed, whatever rate its sound is stored at."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soxr

import serd
from serd.scoring.bandwidth import ENOUGH, Bandwidth
from tests.support.speech import DEMO, EMOTIONS, ravdess, read

small = partial(serd.score, model="serd-small")

WIDE = (-60, -40, -30, -30, -36, -42, -45, -51)
NARROW = (*WIDE[:7], -99)


def telephone(samples: np.ndarray) -> np.ndarray:
    return soxr.resample(soxr.resample(samples, 16000, 8000), 8000, 16000)


def limited(windows: list[tuple[int, ...]]) -> bool:
    bandwidth = Bandwidth()
    for bands in windows:
        bandwidth.add(bands)
    return bandwidth.is_limited


def test_a_few_hissing_sounds_are_enough_to_be_whole():
    assert limited([NARROW] * 40)
    assert not limited([NARROW] * 35 + [WIDE] * 5)
    assert not limited([WIDE] * 40)


def test_of_a_moment_nothing_is_said():
    assert not limited([])
    assert not limited([NARROW] * (ENOUGH - 1))


def test_speech_over_a_telephone_is_told_from_the_same_without():
    talk = read(DEMO)[: 12 * 16000]
    assert not small(talk, 16000).band_limited
    assert small(telephone(talk), 16000).band_limited
    assert small(soxr.resample(talk, 16000, 8000), 8000).band_limited


@pytest.mark.parametrize("gain", [0.03, 0.3])
def test_loudness_does_not_matter(gain: float):
    talk = read(DEMO)[: 12 * 16000] * np.float32(gain)
    assert not small(talk, 16000).band_limited
    assert small(telephone(talk), 16000).band_limited


def test_silence_and_noise_are_no_telephone():
    assert not small(np.zeros(5 * 16000, np.float32), 16000).band_limited


def test_actors_are_told_from_themselves_over_a_telephone(corpora: Path):
    clips = [read(ravdess(corpora, actor, emotion)) for actor in (4, 9) for emotion in EMOTIONS[::2]]
    assert not any(serd.score(clip, 16000, model="serd-tiny").band_limited for clip in clips)
    assert all(serd.score(telephone(clip), 16000, model="serd-tiny").band_limited for clip in clips)
