"""Streaming resampling of blocks, with soxr.

soxr's stream gives the same bits however its input is cut, and makes good for its filter's delay: output
sample k lies at the time k / rate of its input, it only comes out later. So places are carried over by the
rates alone, and `arrived` is that of the input block in which the last sample given out was spoken: what the
filter holds back counts as latency, as it should.
"""

from __future__ import annotations

from collections import deque

import numpy as np
import soxr

from serd.block import Block, Samples, SingleChannel


class Resampler:
    """Mono blocks at `native_rate` in, mono blocks at `rate` out; places in the stream are in output samples.

    At a gap the filter starts anew, so that nothing rings across it. What it still held (about 40 ms with
    quality HQ) is dropped and becomes part of the gap. With equal rates blocks are handed on as they are.
    """

    def __init__(self, native_rate: int, rate: int = 16000, quality: str = "HQ") -> None:
        self.native_rate = native_rate
        self.rate = rate
        self._stream = None if native_rate == rate else soxr.ResampleStream(native_rate, rate, 1, "float32", quality)
        self._next: int | None = None
        """Place of the next input sample if nothing is lost; None before a start."""
        self._end = 0
        """Place of the next output sample."""
        self._gap = False
        self._overflows = 0
        self._arrivals: deque[tuple[int, float]] = deque()
        """End of each input block whose output is not all out yet, in output samples, and its arrival."""
        self._changes: deque[tuple[int, SingleChannel | None]] = deque()
        """Changes of the channels, in output samples, as far as they are not out yet."""

    def push(self, block: Block) -> Block:
        """What comes out of `block`: often fewer samples than it had, sometimes none."""
        if self._stream is None:
            return block
        if self._next is None or block.gap or block.start != self._next:
            self._gap = block.gap or self._next not in (None, block.start)
            self._end = max(self._end, self._place(block.start))
            self._stream.clear()
            self._arrivals.clear()
            self._changes = deque((self._end, heard) for _, heard in self._changes)
        self._next = block.end
        self._overflows = block.overflows
        self._changes.extend((self._place(block.start + at), heard) for at, heard in block.changes)
        self._arrivals.append((self._place(block.end), block.arrived))
        return self._out(self._stream.resample_chunk(np.ascontiguousarray(block.samples, np.float32)))

    def flush(self) -> Block | None:
        """The samples still in the filter, at the end of the stream; None if there are none."""
        if self._stream is None or self._next is None:
            return None
        block = self._out(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))
        self._next = None
        return block if len(block.samples) else None

    def _place(self, native: int) -> int:
        """`native` samples in output samples, to the nearest."""
        return (2 * native * self.rate + self.native_rate) // (2 * self.native_rate)

    def _out(self, samples: Samples) -> Block:
        start = self._end
        self._end += len(samples)
        while len(self._arrivals) > 1 and self._arrivals[0][0] < self._end:
            self._arrivals.popleft()
        changes = []
        while self._changes and self._changes[0][0] < self._end:
            at, heard = self._changes.popleft()
            changes.append((max(0, at - start), heard))
        block = Block(samples, start, self._gap, self._arrivals[0][1], self._overflows, changes=tuple(changes))
        if len(samples):  # a block without samples cannot bring the news
            self._gap = False
        return block
