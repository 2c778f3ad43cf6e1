"""serd.audio.split: each voice is, bit for bit, what its channel alone would be."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serd.audio.split import Split, highest

RATE = 16000
FRAMES = np.random.default_rng(3).normal(0, 0.1, (9000, 3)).astype(np.float32)


def heard(
    native: int, channel: int | tuple[int, ...], cuts: list[int], gaps: frozenset[int] = frozenset()
) -> np.ndarray:
    """All that comes of the frames, cut into blocks."""
    split, pieces = Split(3, native, RATE, channel), []
    edges = sorted({0, len(FRAMES), *cuts})
    for number, (start, end) in enumerate(pairwise(edges)):
        block = split.push(FRAMES[start:end], start, 0.0, gap=number in gaps)
        assert block.end - block.start == block.samples.shape[-1]
        pieces.append(block.samples)
    last = split.flush()
    return np.concatenate([*pieces, *([last.samples] if last else [])], axis=-1)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([RATE, 48000, 44100]),
    st.lists(st.integers(1, len(FRAMES) - 1), max_size=8),
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
    st.frozensets(st.integers(0, 8), max_size=2),
)
def test_a_voice_is_its_channel_alone(native: int, cuts: list[int], channels: list[int], gaps: frozenset[int]):
    together = heard(native, tuple(channels), cuts, gaps)
    assert together.shape[0] == len(channels)
    for number, channel in enumerate(channels):
        assert np.array_equal(together[number], heard(native, channel, cuts, gaps))


def test_a_block_gives_each_voice_its_part_and_none_to_one_that_was_not_captured():
    block = Split(3, RATE, RATE, (3, 1)).push(FRAMES[:100], 40, 1.5, voices=frozenset({1}))
    assert (block.start, block.end) == (40, 140)
    assert block.voice(0) is None
    part = block.voice(1)
    assert part is not None
    assert (part.start, part.end, part.arrived) == (40, 140, 1.5)
    assert np.array_equal(part.samples, FRAMES[:100, 0])


@pytest.mark.parametrize(("channel", "needed"), [("mix", 1), (2, 2), ((2, 5, 1), 5)])
def test_it_knows_how_many_channels_there_must_be(channel: int | tuple[int, ...], needed: int):
    assert highest(channel) == needed
