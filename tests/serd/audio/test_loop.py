"""serd.audio.loop: the rounds of a recording are one stream without a gap."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from serd.audio.loop import Loop
from serd.audio.recording import Recording
from serd.audio.source import EndOfStream


def written(path: Path, seconds: float, rate: int = 16000) -> Path:
    sf.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, round(seconds * rate)).astype(np.float32), rate)
    return path


@pytest.mark.parametrize("rate", [16000, 44100])
def test_rounds_follow_each_other_without_a_gap_and_are_alike(tmp_path: Path, rate: int) -> None:
    path = written(tmp_path / "a.wav", 1.3, rate)
    once = Recording(path)
    once.open()
    count = 0
    with contextlib.suppress(EndOfStream):
        while True:
            count += len(once.read(1).samples)
    loop = Loop(Recording(path))
    loop.open()
    samples, end = [], 0
    while end < 3 * count:
        block = loop.read(1)
        assert (block.start, block.gap) == (end, False)
        samples.append(block.samples)
        end = block.end
    heard = np.concatenate(samples)[: 3 * count].reshape(3, count)
    assert np.array_equal(heard[0], heard[1])
    assert np.array_equal(heard[0], heard[2])
    loop.open()
    assert loop.read(1).start == 0
    loop.close()


def test_a_recording_of_nothing_ends(tmp_path: Path) -> None:
    class Empty(Recording):
        def read(self, _timeout: float) -> None:
            raise EndOfStream("nothing")

    loop = Loop(Empty(written(tmp_path / "a.wav", 0.5)))
    loop.open()
    with pytest.raises(EndOfStream):
        loop.read(1)
