"""The resampler: places, purity, and the same bits however the stream is cut."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serd.audio.resampler import Resampler
from serd.block import Block

RATES = [48000, 44100, 96000, 22050, 8000]


def noise(n: int, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal(n) * 0.1).astype(np.float32)


def blocks(samples: np.ndarray, sizes: list[int], start: int = 0, gap: bool = False) -> list[Block]:
    """`samples` cut into `sizes` over and over; each arrives when its last sample is spoken (at 1 sample/s)."""
    cut, at = [], 0
    while at < len(samples):
        n = sizes[len(cut) % len(sizes)]
        piece = samples[at : at + n]
        cut.append(Block(piece, start + at, gap and at == 0, float(start + at + len(piece))))
        at += len(piece)
    return cut


def outcome(resampler: Resampler, given: list[Block]) -> list[Block]:
    out = [resampler.push(block) for block in given]
    last = resampler.flush()
    return [block for block in [*out, last] if block is not None and len(block.samples)]


def joined(out: list[Block]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.float32), *[block.samples for block in out]])


def level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-30))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 6000), min_size=1, max_size=8), st.sampled_from(RATES), st.integers(1, 20000))
def test_the_same_bits_however_the_stream_is_cut(sizes, native, length):
    samples = noise(length)
    out = outcome(Resampler(native), blocks(samples, sizes))
    whole = outcome(Resampler(native), [Block(samples, 0, False, 0.0)])
    assert np.array_equal(joined(out), joined(whole))
    assert abs(len(joined(out)) - length * 16000 / native) < 1
    for one, after in pairwise(out):
        assert after.start == one.end
        assert after.arrived >= one.arrived
    assert not out or out[0].start == 0


@pytest.mark.parametrize("native", RATES)
def test_a_click_stays_where_it_was(native):
    places = np.arange(1, 20) * native // 20
    clicks = np.zeros(native, np.float32)
    clicks[places] = 1
    out = joined(outcome(Resampler(native), blocks(clicks, [native // 20])))
    for place in places:
        expected = place * 16000 / native
        near = np.arange(int(expected) - 100, int(expected) + 100)
        # a click between two samples has its peak at the nearer one
        assert abs(near[np.argmax(np.abs(out[near]))] - expected) <= 0.51


@pytest.mark.parametrize("native", [48000, 44100])
def test_what_lies_above_8_khz_does_not_come_back_as_something_else(native):
    time = np.arange(native * 2) / native
    low, high = 8000 + 20, native / 2
    sweep = np.sin(2 * np.pi * (low * time + (high - low) / 4 * time**2)).astype(np.float32)
    out = joined(outcome(Resampler(native), blocks(sweep, [native // 20])))
    inside = out[1600:-1600]  # the sweep's hard beginning and end are broad-band
    assert np.max(np.abs(inside)) < 10 ** (-100 / 20)
    assert level_db(inside) - level_db(sweep) < -110


@pytest.mark.parametrize("native", [48000, 44100])
def test_what_lies_below_7_khz_passes_flat_and_in_time(native):
    time = np.arange(native * 2) / native
    for hz in (20, 100, 1000, 3000, 5000, 7000):
        sine = np.sin(2 * np.pi * hz * time).astype(np.float32)
        out = joined(outcome(Resampler(native), blocks(sine, [native // 20])))[1600:-1600]
        phase = 2 * np.pi * hz * np.arange(1600, 1600 + len(out)) / 16000
        basis = np.stack([np.sin(phase), np.cos(phase)], axis=1)
        fit, *_ = np.linalg.lstsq(basis, out, rcond=None)
        assert abs(20 * np.log10(np.hypot(*fit))) < 0.01, f"{hz} Hz: gain in dB"
        assert abs(np.arctan2(fit[1], fit[0])) < 1e-3, f"{hz} Hz: phase in rad"
        assert level_db(out - basis @ fit) - level_db(out) < -100, f"{hz} Hz: distortion in dB"


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9000), st.integers(0, 9000), st.integers(1, 9000), st.sampled_from([48000, 44100, 8000]))
def test_a_gap_starts_the_filter_anew_at_its_place(before, lost, after, native):
    resampler = Resampler(native)
    first = [resampler.push(block) for block in blocks(noise(before), [2400])]
    then = outcome(resampler, blocks(noise(after, 1), [2400], start=before + lost, gap=True))
    alone = outcome(Resampler(native), blocks(noise(after, 1), [2400]))
    if not alone:  # a sample or two may make none
        assert not then
        return
    assert np.array_equal(joined(then), joined(alone))
    assert then[0].gap
    assert not any(block.gap for block in then[1:])
    assert then[0].start >= first[-1].end
    assert abs(then[0].start - (before + lost) * 16000 / native) <= 0.5


def test_a_jump_without_a_word_is_a_gap_too():
    resampler = Resampler(48000)
    resampler.push(Block(noise(4800), 0, False, 0.0))
    out = resampler.push(Block(noise(4800), 9600, False, 0.0))
    assert out.gap
    assert out.start == 3200


def test_the_news_of_a_gap_waits_for_the_first_sample():
    resampler = Resampler(48000)
    empty = resampler.push(Block(noise(10), 300, True, 0.0))
    first = resampler.push(Block(noise(4800), 310, False, 1.0))
    assert len(empty.samples) == 0
    assert first.gap
    assert first.start == 100


def test_a_sample_arrives_with_the_block_it_was_spoken_in():
    for block in outcome(Resampler(48000), blocks(noise(48000), [2400])):
        spoken = (block.end - 1) * 3  # the last sample's place, at 48 kHz
        assert spoken < block.arrived <= spoken + 2400 + 3


def test_overflows_are_carried_along():
    resampler = Resampler(44100)
    assert resampler.push(Block(noise(4410), 0, True, 0.0, overflows=7)).overflows == 7


def test_equal_rates_hand_the_block_on():
    resampler = Resampler(16000)
    block = Block(noise(100), 5, True, 1.0, 2)
    assert resampler.push(block) is block
    assert resampler.flush() is None


def test_after_the_end_nothing_is_left():
    resampler = Resampler(48000)
    assert resampler.flush() is None
    resampler.push(Block(noise(4800), 0, False, 0.0))
    assert resampler.flush() is not None
    assert resampler.flush() is None
