"""model_build.clips.sound_views: what a clip may sound like to a pre-trained encoder."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from model_build.clips.sound_views import Surroundings, ViewRecipe, view
from model_build.networks.encoder import FRONT_END
from tests.support.speech import DEMO

QUIET = ViewRecipe(room=0, noise=0, microphone=0, telephone=0, tilt_db=0, quiet=0, begun=1, whole=1)


@pytest.fixture(scope="module")
def demo() -> np.ndarray:
    """The demonstration's voices, at 16 kHz."""
    samples, rate = soundfile.read(DEMO, dtype="float32")
    assert rate == 16000
    return samples[: 8 * 16000]


@pytest.fixture(scope="module")
def around() -> Surroundings:
    rng = np.random.default_rng(0)
    response = rng.standard_normal(8000).astype(np.float32) * np.exp(-np.arange(8000, dtype=np.float32) / 800)
    return Surroundings([rng.standard_normal(40000).astype(np.float32)], [response])


@pytest.mark.parametrize("seed", range(12))
def test_a_view_is_one_window_and_follows_from_its_generator(demo: np.ndarray, around: Surroundings, seed: int) -> None:
    first, again = (view(demo[:40000], np.random.default_rng(seed), around, ViewRecipe(), FRONT_END) for _ in range(2))
    assert first.shape == (FRONT_END.rows, FRONT_END.bands.count)
    assert first.min() >= 0
    assert 0.5 < first.max() <= 1  # what is recorded very quietly is not lifted up to 1
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("length", [1600, 8000, 16000, 100000])
def test_clips_of_any_length_have_views(around: Surroundings, length: int) -> None:
    clip = np.random.default_rng(length).standard_normal(length).astype(np.float32)
    for seed in range(6):
        assert view(clip, np.random.default_rng(seed), around, ViewRecipe(), FRONT_END).max() > 0.5


def test_a_view_of_a_stream_that_has_just_begun_is_dark_before_it(demo: np.ndarray, around: Surroundings) -> None:
    rows = view(demo[:24000], np.random.default_rng(5), around, QUIET, FRONT_END)
    assert rows[:60].max() == 0
