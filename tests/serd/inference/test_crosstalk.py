"""serd.inference.crosstalk: the same sound, fainter, is another voice; a sound of its own is not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serd.block import Block
from serd.inference.crosstalk import Crosstalk, OtherVoice
from tests.support.speech import DEMO, read

RATE = 16000
LENGTH = 6 * RATE


def two(attenuation_db: float, delay: int = 48) -> np.ndarray:
    """Two persons in turn, 3 s each, whose voices sound in the other's channel, later and by so many dB fainter."""
    spoken = read(DEMO)[: 2 * LENGTH].astype(np.float32)
    first, second = spoken[:LENGTH].copy(), spoken[LENGTH:].copy()
    first[LENGTH // 2 :] = 0
    second[: LENGTH // 2] = 0
    share = 10 ** (-attenuation_db / 20)
    noise = np.random.default_rng(0).normal(0, 1e-4, (2, LENGTH))
    bleed = np.stack([np.roll(second, delay), np.roll(first, delay)]) * share
    return (np.stack([first, second]) + bleed + noise).astype(np.float32)


def answers(frames: np.ndarray, cuts: list[int], gap: int | None = None, voices: frozenset[int] | None = None):
    """For each stride of 0.25 s, what is said of each voice."""
    crosstalk, said = Crosstalk(["a", "b"], RATE), {}
    edges = sorted({0, frames.shape[1], *cuts})
    for number, (start, end) in enumerate(pairwise(edges)):
        crosstalk.push(Block(frames[:, start:end], start, number == gap, 0.0, voices=voices))
        for place in range(-(-start // 4000) * 4000, end + 1, 4000):
            if start < place <= end:
                said[place] = [crosstalk.other(voice, place) for voice in (0, 1)]
    return said


@pytest.mark.parametrize("attenuation_db", [6, 12, 20])
def test_the_voice_on_the_other_channel_is_found_and_ones_own_is_not(attenuation_db: int):
    said = answers(two(attenuation_db), [])
    names = [tuple(one and one.name for one in pair) for place, pair in said.items() if place > RATE]
    first, second = names[: len(names) // 2], names[len(names) // 2 :]
    assert {pair[0] for pair in first} == {None}
    assert [pair[1] for pair in first].count("a") >= 0.6 * len(first), "it begins with a pause"
    assert [pair[0] for pair in second].count("b") > 0.5 * len(second)
    assert all(pair[1] != "a" for pair in second[4:])


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, LENGTH - 1), max_size=12))
def test_the_same_samples_give_the_same_answers_whatever_the_blocks(cuts: list[int]):
    frames = two(12)
    assert answers(frames, cuts) == answers(frames, [])


def test_nothing_is_said_before_enough_was_heard_also_after_a_gap():
    said = answers(two(6), [2 * RATE], gap=1)
    assert all(pair == [None, None] for place, pair in said.items() if place < RATE)
    assert any(pair[1] for place, pair in said.items() if RATE < place <= 2 * RATE)
    assert all(pair == [None, None] for place, pair in said.items() if 2 * RATE < place < 3 * RATE)


def test_a_muted_voice_is_silent_and_is_nobodys_other_voice():
    said = answers(two(6), [], voices=frozenset({1}))
    assert all(pair == [None, None] for pair in said.values())


def test_of_several_the_likeliest_is_named():
    frames = two(12)
    three = np.concatenate([frames, frames[:1] * 0.5])
    crosstalk = Crosstalk(["a", "b", "c"], RATE)
    crosstalk.push(Block(three, 0, False, 0.0))
    other = crosstalk.other(1, 40000)
    assert isinstance(other, OtherVoice)
    assert other.name == "a"
    assert 0.5 <= other.likelihood <= 1
