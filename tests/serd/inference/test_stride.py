"""serd.inference.stride: equal strides from any blocks, none across a gap."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from serd.block import Block
from serd.inference.stride import Cutter, Stride

LENGTH, OVERLAP = 40, 12


def ramp(start: int, count: int) -> np.ndarray:
    """Samples that tell their own place in the stream."""
    return np.arange(start, start + count, dtype=np.float32)


def cut(blocks: list[Block]) -> list[Stride]:
    cutter = Cutter(LENGTH, OVERLAP)
    return [stride for block in blocks for stride in cutter.push(block)]


sizes = st.lists(st.integers(0, 130), min_size=1, max_size=20)


@given(sizes)
def test_any_blocks_give_the_same_strides(counts: list[int]):
    total, start, blocks = sum(counts), 0, []
    for count in counts:
        blocks.append(Block(ramp(start, count), start, False, 0.0))
        start += count
    strides = cut(blocks)
    assert len(strides) == max(0, (total - OVERLAP) // LENGTH)
    for k, stride in enumerate(strides):
        assert np.array_equal(stride.samples, ramp(k * LENGTH, LENGTH + OVERLAP))
        assert (stride.start, stride.end) == (k * LENGTH, (k + 1) * LENGTH + OVERLAP)
        assert stride.first == (k == 0)
        assert not stride.gap


@given(st.lists(st.tuples(st.integers(1, 130), st.integers(0, 50)), min_size=1, max_size=20))
def test_no_stride_spans_a_gap(parts: list[tuple[int, int]]):
    start, blocks = 0, []
    for count, lost in parts:
        start += lost
        blocks.append(Block(ramp(start, count), start, lost > 0, 0.0))
        start += count
    for stride in cut(blocks):
        assert np.array_equal(stride.samples, ramp(stride.start, LENGTH + OVERLAP))  # no jump inside
        assert not stride.gap or stride.first


def test_every_gap_is_told_even_if_no_stride_came_before_the_next():
    short = [Block(ramp(start, 10), start, True, 0.0) for start in (100, 200, 300)]
    (stride,) = cut([*short, Block(ramp(310, 60), 310, False, 0.0)])
    assert (stride.start, stride.first, stride.gap) == (300, True, True)


def test_arrival_is_that_of_the_block_with_the_last_sample():
    blocks = [Block(ramp(k * 26, 26), k * 26, False, float(k), overflows=k) for k in range(3)]
    (stride,) = cut(blocks)
    assert (stride.arrived, stride.overflows) == (1.0, 1)


@given(st.integers(1, 300))
def test_finish_fills_up_with_silence_and_loses_nothing(count: int):
    cutter = Cutter(LENGTH, OVERLAP)
    strides = [*cutter.push(Block(ramp(1, count), 0, False, 0.0)), *cutter.finish()]
    heard = np.zeros(len(strides) * LENGTH + OVERLAP, np.float32)
    for stride in strides:
        heard[stride.start : stride.end] = stride.samples
    assert np.array_equal(heard[:count], ramp(1, count))
    assert not heard[count:].any()
    assert not list(cutter.finish())


def test_a_stride_keeps_no_long_block_alive():
    cutter = Cutter(LENGTH, OVERLAP)
    list(cutter.push(Block(ramp(0, 100_000), 0, False, 0.0)))
    assert all(part.base is None for part in cutter._kept)


@given(st.integers(-10, 500))
def test_a_source_that_sets_its_time_anew_loses_no_sample(moved: int):
    first, second = Block(ramp(0, 70), 0, False, 0.0), Block(ramp(70, 70), 70 + moved, False, 0.0)
    strides = cut([first, second])
    assert [stride.start for stride in strides] == [0, 40 + moved, 80 + moved]
    for k, stride in enumerate(strides):
        assert np.array_equal(stride.samples, ramp(k * LENGTH, LENGTH + OVERLAP))
        assert stride.first == (k == 0)
        assert not stride.gap
