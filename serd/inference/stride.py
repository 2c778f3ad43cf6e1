"""Strides: the stream cut into steps of equal size, whatever the blocks were.

Every step of the pipeline works on exactly one stride, so its arithmetic has the same shape, and the
same bits, however the audio was delivered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from serd.block import Block, Samples, SingleChannel


@dataclass(frozen=True, slots=True)
class Stride:
    """`length` new samples, and the overlap that the STFT's last frame needs beyond them."""

    samples: Samples
    """Shape (length + overlap,)."""

    start: int
    """Place of the first sample in the stream."""

    first: bool
    """True for the first stride of the stream or after a gap: no context before it may be used."""

    gap: bool
    """True if samples were lost before this stride."""

    arrived: float
    """When its last sample was delivered (`time.monotonic()`)."""

    overflows: int

    heard: SingleChannel | None
    """The one channel that is heard at its end; None: the mix."""

    @property
    def end(self) -> int:
        """Place of the first sample after it."""
        return self.start + len(self.samples)


class Cutter:
    """Cuts blocks into strides; keeps what is not yet enough for one."""

    def __init__(self, length: int, overlap: int) -> None:
        self.length, self.overlap = length, overlap
        self._kept: list[Samples] = []
        self._count = 0
        self._start = 0
        self._first, self._gap = True, False
        self._arrived, self._overflows = 0.0, 0
        self._changes: list[tuple[int, SingleChannel | None]] = []
        """Changes of the channels, by their places in what is kept; one that is past counts at once."""
        self._heard: SingleChannel | None = None

    def push(self, block: Block) -> Iterator[Stride]:
        """The strides that this block completes. A gap throws away what was kept: no stride spans it."""
        if block.gap or (self._first and not self._count):
            self._kept, self._count = [], 0
            self._changes = [(0, heard) for _, heard in self._changes]
            self._start, self._first = block.start, True
            self._gap = self._gap or block.gap
        self._start = block.start - self._count  # the source may set its time anew without losing anything
        self._changes.extend((self._count + at, heard) for at, heard in block.changes)
        if len(block.samples):
            self._kept.append(block.samples)
            self._count += len(block.samples)
        self._arrived, self._overflows = block.arrived, block.overflows
        yield from self._cut()

    def finish(self) -> Iterator[Stride]:
        """What is left when the stream has ended, filled up with digital silence to whole strides."""
        while self._count > (0 if self._first else self.overlap):
            self._kept.append(np.zeros(self.length + self.overlap - self._count, np.float32))
            self._count = self.length + self.overlap
            yield from self._cut()

    def _cut(self) -> Iterator[Stride]:
        whole = self.length + self.overlap
        if self._count < whole:
            return
        samples = np.concatenate(self._kept)
        done = 0
        while len(samples) - done >= whole:
            while self._changes and self._changes[0][0] < done + whole:
                self._heard = self._changes.pop(0)[1]
            yield Stride(
                samples[done : done + whole],
                self._start,
                self._first,
                self._gap,
                self._arrived,
                self._overflows,
                self._heard,
            )
            self._first = self._gap = False
            self._start += self.length
            done += self.length
        # A copy, so that a long block is not kept alive by its last samples.
        self._kept, self._count = [samples[done:].copy()], len(samples) - done
        self._changes = [(at - done, heard) for at, heard in self._changes]
