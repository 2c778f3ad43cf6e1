"""Sound files for training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from model_build.files.audio import SoundFault, read
from tests.support.trees import tone


def test_channels_are_averaged(tmp_path: Path) -> None:
    samples = np.stack([np.full(800, 0.5), np.full(800, -0.25)], axis=1)
    soundfile.write(tmp_path / "x.wav", samples, 16000)
    mono, _ = read(tmp_path / "x.wav", 16000)
    np.testing.assert_allclose(mono, 0.125, atol=1e-4)


def test_a_48_khz_file_keeps_its_tone(tmp_path: Path) -> None:
    samples, _ = read(tone(tmp_path / "x.wav", 1000, 1.0, 48000), 16000)
    assert len(samples) == 16000
    assert abs(np.abs(np.fft.rfft(samples)).argmax() - 1000) <= 1
    assert samples.dtype == np.float32


def test_the_digest_follows_the_bytes(tmp_path: Path) -> None:
    (_, one), (_, same) = (read(tone(tmp_path / name, 300), 16000) for name in ("a.wav", "b.wav"))
    _, other = read(tone(tmp_path / "c.wav", 301), 16000)
    assert one == same != other


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_a_file_cut_short_is_never_taken_for_whole(tmp_path: Path, ending: str, part: float) -> None:
    path = tone(tmp_path / f"x.{ending}", seconds=3.0)
    data = path.read_bytes()
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(SoundFault) as error:
        read(path, 16000)
    assert error.value.kind == "truncated"
    assert str(path) in str(error.value)


def test_real_recordings_are_whole(corpora: Path) -> None:
    for path in ("ravdess-speech/Actor_01/03-01-01-01-01-01-01.flac", "esc-10/001 - Dog bark/1-30226-A.opus"):
        if (corpora / path).exists():
            samples, _ = read(corpora / path, 16000)
            assert len(samples) > 16000


def test_a_text_file_is_no_sound(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_text("hello")
    with pytest.raises(SoundFault, match="not a readable sound file"):
        read(path, 16000)
    with pytest.raises(SoundFault, match="missing"):
        read(tmp_path / "absent.wav", 16000)
