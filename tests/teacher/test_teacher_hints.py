"""What the teacher makes of whole clips: its embedding of their middle, kept by content."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from teachers import clip
from trees import babble

from model_build import cache
from model_build.audio import read as read_sound
from model_build.teacher import mels, weights
from model_build.teacher.frontend import mel
from model_build.teacher.hints import FILE, hints, place
from model_build.teacher.network import embedder, network
from serd.errors import UsageError

pytestmark = pytest.mark.usefixtures("own_cache")


def test_hints_are_the_untuned_teachers_embeddings_and_kept(teachers: Path, tmp_path: Path) -> None:
    clips = [clip(babble(tmp_path / f"{k}.wav", k, seconds=seconds)) for k, seconds in enumerate((1.0, 4.0))]
    lines: list[str] = []
    found = hints(clips, teachers / FILE, lines.append)
    model = network(frames=mels.FRAMES)
    weights.load(model, weights.read(teachers / FILE))
    heard = mel(read_sound(clips[1].utterance.path, 16000)[0])
    middle = (len(heard) - mels.FRAMES) // 2
    wanted = embedder(model).predict(heard[None, middle : middle + mels.FRAMES, :, None], verbose=0)[0]
    assert found.shape == (2, 384)
    np.testing.assert_allclose(found[1], wanted, atol=0.02)
    assert lines == ["hints: the teacher hears 2 clips"]
    clips[0].utterance.path.unlink()
    np.testing.assert_array_equal(hints(clips[::-1], teachers / FILE, lines.append), found[::-1])
    assert len(lines) == 1, "kept"


def test_the_teacher_is_looked_for_beside_the_corpora_then_in_the_cache(tmp_path: Path) -> None:
    data = tmp_path / "shared" / "corpora"
    data.mkdir(parents=True)
    with pytest.raises(UsageError, match=rf"{FILE}: neither in .*/shared/teachers nor in .*/serd/teacher"):
        place(data)
    kept = cache.folder("teacher") / FILE
    kept.touch()
    assert place(data) == kept
    beside = tmp_path / "shared" / "teachers" / FILE
    beside.parent.mkdir()
    beside.touch()
    assert place(data) == beside
