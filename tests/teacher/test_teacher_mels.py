"""The teacher's inputs of whole clips: kept by content, and cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from teachers import clip
from trees import babble

from model_build import cache
from model_build.audio import read as read_sound
from model_build.teacher.frontend import SILENCE, mel
from model_build.teacher.mels import FRAMES, crops, drawn, read, spread
from serd.errors import UsageError

pytestmark = pytest.mark.usefixtures("own_cache")
LONG, SHORT = np.ones((400, 128), np.float16), np.ones((100, 128), np.float16)


def test_inputs_are_the_front_ends_but_for_rounding(tmp_path: Path) -> None:
    path = babble(tmp_path / "a.wav", 1)
    (found,) = read([clip(path)])
    samples, _ = read_sound(path, 16000)
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, mel(samples), atol=1e-3)


def test_inputs_are_kept_by_content(tmp_path: Path) -> None:
    path = babble(tmp_path / "a.wav", 1)
    own = clip(path)
    (first,) = read([own])
    (kept,) = cache.folder("teacher").rglob("*.npy")
    np.save(kept, np.full_like(first, 3))
    path.unlink()
    (second,) = read([own])
    assert (second == 3).all()  # it was not computed again, nor the file read


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"PK"])
def test_damaged_inputs_are_made_anew(tmp_path: Path, damage: bytes) -> None:
    own = clip(babble(tmp_path / "a.wav", 1))
    (first,) = read([own])
    (kept,) = cache.folder("teacher").rglob("*.npy")
    kept.write_bytes(damage)
    (again,) = read([own])
    np.testing.assert_array_equal(again, first)


def test_a_recording_that_changed_meanwhile_is_named(tmp_path: Path) -> None:
    own = clip(babble(tmp_path / "a.wav", 1))
    babble(tmp_path / "a.wav", 2)
    with pytest.raises(UsageError, match=r"a\.wav: has changed"):
        read([own])


def test_a_recording_that_is_too_short_is_named(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 16000)
    with pytest.raises(UsageError, match=r"a\.wav: 100 samples are too few"):
        read([clip(tmp_path / "a.wav")])


def test_random_crops_stay_within_long_clips_and_around_short_ones() -> None:
    rng = np.random.default_rng(0)
    starts = np.array([drawn(rng, [LONG, SHORT]) for _ in range(500)])
    assert (starts[:, 0].min(), starts[:, 0].max()) == (0, 400 - FRAMES)
    assert (starts[:, 1].min(), starts[:, 1].max()) == (100 - FRAMES, 0)


def test_views_are_spread_from_end_to_end() -> None:
    np.testing.assert_array_equal(spread([LONG, SHORT], 3), [[0, 72, 144], [-156, -78, 0]])
    np.testing.assert_array_equal(spread([LONG], 1), [[72]])


def test_beyond_the_clip_there_is_silence() -> None:
    cut = crops([LONG, SHORT, SHORT, SHORT], np.array([10, -56, 50, 2000]))
    sounding = [(crop != SILENCE).all(axis=1) for crop in cut]
    assert sounding[0].all()
    assert [np.flatnonzero(own)[[0, -1]].tolist() for own in sounding[1:3]] == [[56, 155], [0, 49]]
    assert not sounding[3].any()
