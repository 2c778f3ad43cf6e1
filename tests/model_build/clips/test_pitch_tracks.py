"""Tracks of clips are kept, and as long as the clips' rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.clips.features import read_clips
from model_build.clips.pitch_tracks import pitch_tracks
from model_build.corpora import Utterance
from model_build.experiments.recipe import SMALL
from serd.inference import pitch
from tests.support.trees import babble


def test_a_track_is_computed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    babble(tmp_path / "a.wav", 1, seconds=2.0)
    clips, _ = read_clips([Utterance(tmp_path / "a.wav", "a", "ravdess-speech", "01")], SMALL.front_end)
    (track,) = pitch_tracks(clips, SMALL.front_end)
    assert track.shape == (len(clips[0].rows), 2)
    (tmp_path / "a.wav").unlink()
    assert np.array_equal(pitch_tracks(clips, SMALL.front_end)[0], track)
    (kept,) = (tmp_path / "cache" / "serd" / "pitch").rglob("*.npy")
    kept.write_bytes(kept.read_bytes()[:40])
    babble(tmp_path / "a.wav", 1, seconds=2.0)
    assert np.array_equal(pitch_tracks(clips, SMALL.front_end)[0], track), "a damaged one is made anew"
    assert track[:, pitch.PERIODIC].max() <= 1
