"""The ring buffer: what is written is read, in order, and what is lost is said."""

from __future__ import annotations

import threading
import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.audio.ring import RawBlock, Ring

WRITE = st.tuples(st.integers(0, 9), st.booleans())
READ = st.none()


def frames(start: int, n: int, channels: int = 2) -> np.ndarray:
    """Frames that tell their own place and channel: no two values are alike."""
    places = np.arange(start, start + n, dtype=np.float32)[:, None]
    return places * channels + np.arange(channels, dtype=np.float32)


@given(
    st.lists(st.one_of(WRITE, READ), max_size=60),
    st.integers(1, 16),
    st.integers(1, 4),
)
def test_any_interleaving_loses_nothing_silently(steps, capacity, marks):
    ring = Ring(capacity, 2, marks)
    waiting: list[RawBlock] = []
    place = overflows = lost = 0
    gap = untold = False
    for number, step in enumerate([*steps, *[None] * len(steps)]):
        if step is None:
            block = ring.read(0)
            if not waiting:
                assert block is None
                continue
            want = waiting.pop(0)
            assert block is not None
            assert np.array_equal(block.samples, want.samples)
            assert block.samples.shape == want.samples.shape
            assert (block.start, block.gap, block.arrived) == (want.start, want.gap, want.arrived)
            assert block.uncounted == want.uncounted
            assert block.overflows == want.overflows
        else:
            n, overflowed = step
            ring.write(frames(place, n), float(number), overflowed)
            overflows += overflowed
            gap, untold = gap or overflowed, untold or overflowed
            full = sum(len(b.samples) for b in waiting) + n > capacity or len(waiting) == marks
            if n and full:
                overflows, lost, gap = overflows + 1, lost + n, True
            elif n:
                waiting.append(RawBlock(frames(place, n), place, gap, untold, float(number), overflows))
                gap = untold = False
            place += n
        assert ring.backlog == sum(len(b.samples) for b in waiting)
        assert (ring.overflows, ring.lost) == (overflows, lost)


def test_a_block_is_a_copy():
    ring = Ring(4, 2)
    written = frames(0, 4)
    ring.write(written, 0.0, False)
    written[:] = -1
    block = ring.read(0)
    ring.write(frames(50, 4), 0.0, False)
    assert np.array_equal(block.samples, frames(0, 4))


def test_two_threads_at_full_speed_agree_on_every_frame():
    ring = Ring(64, 2, 8)
    sizes = np.random.default_rng(0).integers(1, 20, 5000).tolist()

    def produce() -> None:
        place = 0
        for number, n in enumerate(sizes):
            ring.write(frames(place, n), float(place + n), False)
            place += n
            if number % 8 == 0:
                time.sleep(0)  # let the reader in now and then, so that some blocks fit and some do not
        ring.end()

    writer = threading.Thread(target=produce)
    writer.start()
    end = kept = 0
    while (block := ring.read(10)) is not None:
        assert block.start >= end
        assert block.gap == (block.start > end)
        assert np.array_equal(block.samples, frames(block.start, len(block.samples)))
        end = block.start + len(block.samples)
        assert block.arrived == end
        kept += len(block.samples)
    writer.join()
    assert ring.ended
    assert ring.backlog == 0
    assert kept > 0
    assert kept + ring.lost == sum(sizes)
    assert (ring.overflows > 0) == (ring.lost > 0)


@pytest.mark.parametrize("news", [lambda ring: ring.write(frames(0, 2, 1), 0.0, False), Ring.end])
def test_a_waiting_reader_is_woken_by_a_write_and_by_the_end(news):
    ring = Ring(8, 1)
    seen: list[RawBlock | None] = []
    reader = threading.Thread(target=lambda: seen.append(ring.read(3600)), daemon=True)
    reader.start()
    time.sleep(0.05)  # so that it does wait
    news(ring)
    reader.join(20)  # an hour if it is not woken
    assert not reader.is_alive()
    assert (seen[0] is None) == ring.ended


def test_without_news_the_reader_gives_up():
    ring = Ring(8, 1)
    ring.write(frames(0, 8, 1), 0.0, False)
    assert ring.read(0) is not None
    assert ring.read(0.01) is None  # the news of the block just read is stale


def test_writing_allocates_no_sample_memory():
    ring = Ring(48000, 2)
    block = frames(0, 4800)
    ring.write(block, 0.0, False)
    tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(20):  # past the end of the ring and past its room
            ring.write(block, 0.0, False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert ring.lost > 0
    assert peak - before < 4096 < block.nbytes
