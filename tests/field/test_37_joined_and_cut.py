"""Row 37: streams joined by `cat a b > c`, and streams that break off: what is there is heard, the rest is said."""

from __future__ import annotations

import json
import logging
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serd.audio.recording import Recording
from serd.audio.source import EndOfStream
from tests.support.speech import DEMO, read

RATE = 16000
SPEECH = read(DEMO)[2 * RATE : 5 * RATE]
FORMS = {"WAV": "PCM_16", "AIFF": "PCM_16", "AU": "PCM_16", "CAF": "PCM_16", "W64": "PCM_16", "RF64": "PCM_16",
         "FLAC": "PCM_16", "OGG": "VORBIS", "Opus": "OPUS", "MP3": "MPEG_LAYER_III"}  # fmt: skip


def write(path: Path, form: str, samples: np.ndarray, rate: int = RATE) -> bytes:
    kind = "OGG" if form == "Opus" else form
    soundfile.write(path, samples, rate, format=kind, subtype=FORMS[form])
    return path.read_bytes()


def heard(path: Path, paced: bool = False) -> np.ndarray:
    source = Recording(path, paced=paced)
    source.open()
    blocks, at = [], 0
    try:
        while True:
            block = source.read(1)
            if block is not None:
                assert block.start == at
                at = block.end
                blocks.append(block.samples)
    except EndOfStream:
        return np.concatenate(blocks)
    finally:
        source.close()


@pytest.mark.parametrize("form", FORMS)
def test_both_streams_are_heard(form: str, tmp_path: Path, caplog: pytest.LogCaptureFixture):
    a, b = write(tmp_path / "a", form, SPEECH), write(tmp_path / "b", form, SPEECH[::-1] * 0.5)
    (tmp_path / "c").write_bytes(a + b)
    with caplog.at_level(logging.WARNING):
        both = heard(tmp_path / "c")
    assert np.array_equal(both, np.concatenate([heard(tmp_path / "a"), heard(tmp_path / "b")]))
    assert caplog.messages == []


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG"])
def test_even_if_they_differ_in_rate_and_channels(form: str, tmp_path: Path):
    a = write(tmp_path / "a", form, np.stack([SPEECH, SPEECH], 1), 44100)
    b = write(tmp_path / "b", form, SPEECH)
    (tmp_path / "c").write_bytes(a + b + a)
    each = [heard(tmp_path / name) for name in ("a", "b", "a")]
    assert np.array_equal(heard(tmp_path / "c"), np.concatenate(each))
    assert np.array_equal(heard(tmp_path / "c", paced=True), np.concatenate(each))


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "Opus", "MP3", "AIFF", "CAF"])
def test_a_stream_that_breaks_off_is_heard_as_far_as_it_goes_and_said(
    form: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    data = write(tmp_path / "a", form, SPEECH)
    whole = heard(tmp_path / "a")
    (tmp_path / "c").write_bytes(data[: len(data) * 2 // 3])
    with caplog.at_level(logging.WARNING):
        part = heard(tmp_path / "c")
    assert 0.3 * len(whole) < len(part) < 0.8 * len(whole)
    tail = len(part) - 2000  # a lossy codec's last frame has no next one to overlap with
    assert np.allclose(part[:tail], whole[:tail], atol=1e-4)
    (message,) = caplog.messages
    assert "cut off" in message
    assert "serd hears what there is" in message


def test_a_stream_in_the_middle_that_breaks_off_does_not_keep_the_next_from_being_heard(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    data = write(tmp_path / "a", "FLAC", SPEECH)
    (tmp_path / "c").write_bytes(data[: len(data) // 2] + data)
    with caplog.at_level(logging.WARNING):
        samples = heard(tmp_path / "c")
    assert np.array_equal(samples[-len(SPEECH) :], heard(tmp_path / "a"))
    assert len(samples) > 1.3 * len(SPEECH)
    assert len(caplog.messages) == 1


def test_what_a_tool_wrote_and_cat_joined_is_scored_whole(odd_sounds: Path, run, measured):
    names = ("twice-enc-opus.opus", "twice-enc-mp3.mp3", "cut-enc-flac.flac")
    done = run("score", "--model", "serd-small", "--json", *(odd_sounds / name for name in names))
    assert done.returncode == 0
    opus, mp3, flac = (json.loads(line) for line in done.stdout.splitlines())
    assert opus["duration_s"] == pytest.approx(24, abs=0.1)
    assert mp3["duration_s"] == pytest.approx(24, abs=0.2)
    assert flac["duration_s"] == pytest.approx(3.584, abs=0.001)
    (line,) = done.stderr.splitlines()
    assert "cut-enc-flac.flac: cut off, 29.9 % of it is here" in line
    measured(events_lost=0)


def test_ffmpeg_hears_as_much_of_joined_ogg(tmp_path: Path):
    """A second opinion on how much there is."""
    if not shutil.which("ffmpeg"):
        pytest.skip("no ffmpeg here")
    data = write(tmp_path / "a", "OGG", SPEECH)
    (tmp_path / "c.ogg").write_bytes(data + data)
    raw = subprocess.run(
        ["ffmpeg", "-v", "quiet", "-i", tmp_path / "c.ogg", "-f", "s16le", "-"], capture_output=True, check=True
    ).stdout
    assert abs(len(raw) // 2 - len(heard(tmp_path / "c.ogg"))) < 0.1 * RATE
