"""serd.audio.playlist: labelled recordings one after the other, each known by its place in the stream."""

from __future__ import annotations

import logging
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from serd.audio.corpus import Clip
from serd.audio.playlist import PAUSE_S, Playlist
from serd.audio.source import EndOfStream
from serd.block import Block

RATE = 16000


def tone(path: Path, seconds: float, rate: int = RATE, channels: int = 1) -> Path:
    samples = np.sin(np.arange(round(seconds * rate))[:, None] * np.ones(channels) / 9) / 2
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return path


def drained(playlist: Playlist) -> list[Block]:
    blocks = []
    while True:
        try:
            block = playlist.read(1.0)
        except EndOfStream:
            return blocks
        assert block is not None
        blocks.append(block)


@pytest.fixture
def three(tmp_path: Path) -> list[Clip]:
    """Of several rates and channel counts."""
    return [
        Clip(tone(tmp_path / "a.wav", 1.0), "angry"),
        Clip(tone(tmp_path / "b.wav", 0.5, 48000, 2), "calm"),
        Clip(tone(tmp_path / "c.flac", 0.75, 22050), "sad"),
    ]


def test_a_pause_and_a_clip_take_turns_without_a_hole(three: list[Clip]) -> None:
    playlist = Playlist(three, "corpus", RATE)
    playlist.open()
    blocks = drained(playlist)
    for one, after in pairwise(blocks):
        assert after.start == one.end
        assert not after.gap
    samples = np.concatenate([block.samples for block in blocks])
    pause = round(PAUSE_S * RATE)
    place = 0
    for seconds in (1.0, 0.5, 0.75):
        assert not samples[place : place + pause].any()
        place += pause
        assert np.abs(samples[place : place + round(seconds * RATE)]).mean() > 0.2
        place += round(seconds * RATE)
    assert len(samples) == pytest.approx(place + pause, abs=2)


def test_a_place_in_the_stream_knows_its_clip_and_so_does_the_pause_after_it(three: list[Clip]) -> None:
    playlist = Playlist(three, "corpus", RATE)
    playlist.open()
    drained(playlist)
    first = round(PAUSE_S * RATE)
    second = 2 * first + RATE
    assert playlist.annotation(first) is None
    assert playlist.annotation(first + 1) == {"label": "angry", "recording": "a.wav"}
    assert playlist.annotation(second) == {"label": "angry", "recording": "a.wav"}
    assert playlist.annotation(second + 1) == {"label": "calm", "recording": "b.wav"}
    assert playlist.annotation(10**9) == {"label": "sad", "recording": "c.flac"}


def test_what_cannot_be_heard_is_said_and_left_out(
    three: list[Clip], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "no.wav").write_bytes(b"nonsense")
    nan = tmp_path / "nan.wav"
    soundfile.write(nan, np.full(RATE, np.nan, np.float32), RATE, subtype="FLOAT")
    playlist = Playlist(
        [Clip(tmp_path / "no.wav", "sad"), Clip(tmp_path / "gone.wav", "sad"), Clip(nan, "sad"), *three], "corpus", RATE
    )
    playlist.open()
    with caplog.at_level(logging.WARNING):
        blocks = drained(playlist)
    assert [record.message.endswith("; left out") for record in caplog.records] == [True] * 3
    assert blocks[-1].end / RATE == pytest.approx(2.25 + 5 * PAUSE_S, abs=0.01)


def test_nothing_that_can_be_heard_is_the_end(tmp_path: Path) -> None:
    playlist = Playlist([Clip(tmp_path / "gone.wav", "sad")], "corpus", RATE, paced=True)
    playlist.open()
    assert {block.samples.any() for block in drained(playlist)} == {np.False_}


def test_paced_it_ends_once_all_its_recordings_have_vanished(tmp_path: Path) -> None:
    clip = Clip(tone(tmp_path / "a.wav", 0.2), "angry")
    playlist = Playlist([clip, clip], "corpus", RATE, paced=True)
    playlist.open()
    end = 0
    while end < (PAUSE_S + 0.2) * RATE:
        block = playlist.read(0.1)
        end = block.end if block else end
    clip.path.unlink()
    assert drained(playlist), "the pause that was due; and then its end, not an endless look for what is gone"


def test_paced_it_is_as_long_as_it_sounds_and_begins_anew(tmp_path: Path) -> None:
    playlist = Playlist([Clip(tone(tmp_path / "a.wav", 0.3), "angry")], "corpus", RATE, paced=True)
    playlist.open()
    began = time.monotonic()
    end = 0
    for _ in range(2000):
        block = playlist.read(0.02)
        if block is not None:
            end = block.end
            assert block.arrived <= time.monotonic()
        if end > (2 * PAUSE_S + 0.45) * RATE:
            break
    else:
        pytest.fail("it did not begin anew")
    assert time.monotonic() - began >= end / RATE - 0.2, "no sooner than it sounds"
    playlist.close()
    playlist.close()
