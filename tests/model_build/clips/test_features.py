"""Features of whole clips: the daemon's rows, kept by content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.clips.features import clip_rows, read_clips, stride
from model_build.corpora import CORPORA, Utterance, inventory
from model_build.files import cache
from model_build.files.audio import read
from model_build.thesis.plan import THESIS
from serd.block import Block
from serd.inference.frontend import Rows
from serd.inference.stride import Cutter
from tests.support.trees import babble


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def utterance(path: Path) -> Utterance:
    return Utterance(path, path.stem, "ravdess-speech", "01", emotion="happy")


def streamed(samples: np.ndarray) -> Rows:
    """The rows that the daemon would compute, stride by stride."""
    cutter = Cutter(stride(THESIS), THESIS.stft.overlap)
    strides = [*cutter.push(Block(samples, 0, False, 0.0)), *cutter.finish()]
    return np.concatenate([THESIS.log_rows(own.samples) for own in strides])


@pytest.mark.parametrize("count", [1, 262, 4000, 4262, 4263, 20000, 47999])
def test_rows_are_the_daemons_bit_for_bit(count: int) -> None:
    samples = np.random.default_rng(count).uniform(-1, 1, count).astype(np.float32)
    rows, spoken = clip_rows(samples, THESIS)
    np.testing.assert_array_equal(rows, streamed(samples))
    assert len(spoken) == len(rows)


def test_rows_of_a_real_recording_are_the_daemons(corpora: Path) -> None:
    path = corpora / "ravdess-speech/Actor_03/03-01-05-02-01-01-03.flac"
    (clip,), faults = read_clips([utterance(path)], THESIS)
    samples, digest = read(path, 16000)
    np.testing.assert_array_equal(clip.rows, streamed(samples))
    assert clip.digest == digest
    assert not faults
    assert 0.3 < clip.spoken.mean() < 0.8  # RAVDESS has about a second of silence at either end
    assert not clip.spoken[:8].any()


def test_features_are_kept_by_content(tmp_path: Path) -> None:
    path = babble(tmp_path / "a.wav", 1)
    (first,), _ = read_clips([utterance(path)], THESIS)
    (kept,) = cache.folder("features").rglob("*.npz")
    marked = np.full_like(first.rows, 3)
    np.savez(kept, rows=marked, spoken=first.spoken)
    (second,), _ = read_clips([utterance(path.rename(tmp_path / "b.wav"))], THESIS)
    np.testing.assert_array_equal(second.rows, marked)  # it was not computed again
    (changed,), _ = read_clips([utterance(babble(tmp_path / "b.wav", 2))], THESIS)
    assert changed.digest != first.digest
    assert not np.array_equal(changed.rows, marked)


def test_damaged_features_are_made_anew(tmp_path: Path) -> None:
    path = babble(tmp_path / "a.wav", 1)
    (first,), _ = read_clips([utterance(path)], THESIS)
    (kept,) = cache.folder("features").rglob("*.npz")
    for damage in (b"", b"PK", kept.read_bytes()[:200]):
        kept.write_bytes(damage)
        (again,), _ = read_clips([utterance(path)], THESIS)
        np.testing.assert_array_equal(again.rows, first.rows)


def test_twins_and_bad_files_are_named_and_left_out(tmp_path: Path) -> None:
    paths = [babble(tmp_path / name, seed) for name, seed in (("a.wav", 1), ("b.wav", 2), ("c.wav", 1))]
    (tmp_path / "d.wav").write_text("no sound")
    clips, faults = read_clips([utterance(path) for path in [*paths, tmp_path / "d.wav"]], THESIS)
    assert [clip.utterance.name for clip in clips] == ["a", "b"]
    assert [(Path(fault.name).name, fault.kind) for fault in faults] == [("c.wav", "twice"), ("d.wav", "unreadable")]


def test_the_known_pair_of_ravdess_is_found(corpora: Path) -> None:
    actor = [u for u in inventory(CORPORA["ravdess-speech"], corpora).utterances if u.speaker == "07"]
    clips, (fault,) = read_clips(actor, THESIS)
    assert len(clips) == 59
    assert "03-01-03-01-02-02-07" in fault.name
