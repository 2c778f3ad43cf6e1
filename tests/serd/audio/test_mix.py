"""serd.audio.mix: one choice for any blocks, the mean where the channels agree, no jump where the choice changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serd.audio.mix import SPAN_S, Mixer
from serd.audio.resampler import Resampler
from serd.block import Block, SingleChannel
from serd.inference.stride import Cutter
from tests.support.speech import DEMO, read

RATE = 16000
SPEECH = read(DEMO)[2 * RATE : 6 * RATE]
FRAMES = np.stack([SPEECH, np.concatenate([SPEECH[:RATE], -SPEECH[RATE:]])], 1)
"""Opposed from the second second on."""


def mixed(frames: np.ndarray, sizes: list[int]) -> tuple[np.ndarray, list]:
    mixer, pieces, changes, at, k = Mixer(frames.shape[1], RATE), [], [], 0, 0
    while at < len(frames):
        part = frames[at : at + sizes[k % len(sizes)]]
        samples, new = mixer.push(part)
        pieces.append(samples)
        changes += [(at + place, heard) for place, heard in new]
        at, k = at + len(part), k + 1
    return np.concatenate(pieces), changes


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(100, 9000), min_size=1, max_size=8))
def test_any_blocks_give_the_same_bits_and_changes(sizes: list[int]):
    want, changes = mixed(FRAMES, [len(FRAMES)])
    got, again = mixed(FRAMES, sizes)
    assert np.array_equal(got, want)
    assert again == changes
    assert [heard and heard.heard for _, heard in changes] == [1]
    assert all(place % round(RATE * SPAN_S) == 0 for place, _ in changes)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(100, 9000), min_size=1, max_size=8), st.sampled_from([16000, 22050, 48000]))
def test_the_strides_tell_it_at_the_same_places_for_any_blocks(sizes: list[int], native: int):
    def strides(sizes: list[int]) -> list:
        mixer, resampler, cutter = Mixer(2, native), Resampler(native, RATE), Cutter(1000, 100)
        out, at, k = [], 0, 0
        while at < len(FRAMES):
            samples, changes = mixer.push(FRAMES[at : at + sizes[k % len(sizes)]])
            block = resampler.push(Block(samples, at, False, 0.0, changes=changes))
            out += cutter.push(block)
            at, k = at + len(samples), k + 1
        last = resampler.flush()
        out += cutter.push(last) if last else ()
        return [stride.heard for stride in [*out, *cutter.finish()]]

    told = strides(sizes)
    assert told == strides([len(FRAMES)])
    assert told[0] is None
    assert {heard and heard.heard for heard in told[len(told) * 3 // 4 :]} in ({1}, {2})


def test_where_they_agree_it_is_the_mean_to_the_bit():
    chance = np.random.default_rng(1)
    frames = np.stack([SPEECH, 0.5 * SPEECH, np.zeros_like(SPEECH)], 1)
    frames += chance.standard_normal(frames.shape).astype(np.float32) * 1e-4
    samples, changes = mixed(frames, [8000])
    assert changes == []
    assert np.array_equal(samples, frames.mean(axis=1, dtype=np.float32))


def test_a_change_does_not_click():
    tone = np.sin(np.arange(4 * RATE) * 2 * np.pi * 200 / RATE).astype(np.float32) * 0.5
    frames = np.stack([tone, np.where(np.arange(len(tone)) < 2 * RATE, tone, -tone)], 1)
    samples, changes = mixed(frames, [8000])
    place = changes[0][0]
    steepest = np.abs(np.diff(tone)).max()
    assert np.abs(np.diff(samples[place - 100 : place + RATE])).max() < 1.5 * steepest


def test_a_channel_that_dies_is_let_go():
    died = np.concatenate([np.stack([SPEECH, -SPEECH], 1)] + [np.stack([0 * SPEECH, SPEECH], 1)] * 3)
    samples, changes = mixed(died, [8000])
    assert changes[0][1] == SingleChannel(1, -1.0)
    tail = samples[-len(SPEECH) :]
    assert np.sum(tail * SPEECH) > 0.4 * np.sum(SPEECH * SPEECH)


@pytest.mark.parametrize("channel", [1, 2])
def test_one_that_is_chosen_is_that(channel: int):
    samples, changes = Mixer(2, RATE, channel).push(FRAMES)
    assert np.array_equal(samples, FRAMES[:, channel - 1])
    assert changes == ()
