"""The ring buffer between the audio callback and the reader: one writer, one reader, nothing lost silently.

The writer runs in the sound library's thread: it must not wait, and allocates no sample memory. So all
samples live in one array and all that is known of a block in preallocated lists; each counter has one
writer, and the reader sees a block only once its counter has been raised, after everything else.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from serd.block import Samples

MARKS = 1024
"""Blocks that can wait at once: 51 s of 50 ms blocks, more than any buffer of samples asked for so far."""


@dataclass(frozen=True, slots=True)
class RawBlock:
    """One block as it was written, at the device's own rate and with all its channels."""

    samples: Samples
    """Shape (n, channels), float32; a copy."""

    start: int
    """Place of the first frame, in frames since the ring was made, lost ones counted."""

    gap: bool
    """True if frames were lost right before this block, here or in the sound library."""

    uncounted: bool
    """True if it was the sound library that lost some: `start` does not know how many."""

    arrived: float
    """Monotonic time of arrival, as the writer gave it."""

    overflows: int
    """How often frames had been lost, up to this block."""


class Ring:
    """At most `capacity` frames of `channels` channels, in at most `marks` blocks."""

    def __init__(self, capacity: int, channels: int, marks: int = MARKS) -> None:
        self.capacity = capacity
        self.channels = channels
        self._frames: Samples = np.zeros((capacity, channels), np.float32)
        self._marks = marks
        self._starts = [0] * marks
        self._lengths = [0] * marks
        self._gaps = [False] * marks
        self._uncounted = [False] * marks
        self._arrivals = [0.0] * marks
        self._overflowed = [0] * marks
        # Changed by the writer only. Frames kept and frames lost are counted apart: the sum is the place.
        self._kept = self._lost = self._overflows = self._written = 0
        self._gap = self._gap_uncounted = False
        # Changed by the reader only.
        self._taken = self._read = 0
        self._ended = False
        # A lock as a binary semaphore: only the writer releases it, only the reader acquires it.
        self._news = threading.Lock()
        self._news.acquire()

    def write(self, frames: Samples, arrived: float, overflowed: bool) -> None:
        """Copy (n, channels) frames in, or drop them whole if there is no room. Never waits.

        `overflowed` says that the sound library lost frames before these; it does not say how many,
        so they count as one overflow and a gap, but not in the position.
        """
        n = len(frames)
        fits = self._kept - self._taken + n <= self.capacity and self._written - self._read < self._marks
        if overflowed:
            self._overflows += 1
            self._gap = self._gap_uncounted = True
        if n and not fits:
            self._lost += n
            self._overflows += 1
            self._gap = True
        elif n:
            at = self._kept % self.capacity
            first = min(n, self.capacity - at)
            self._frames[at : at + first] = frames[:first]
            self._frames[: n - first] = frames[first:]
            mark = self._written % self._marks
            self._starts[mark] = self._kept + self._lost
            self._lengths[mark] = n
            self._gaps[mark], self._uncounted[mark] = self._gap, self._gap_uncounted
            self._arrivals[mark] = arrived
            self._overflowed[mark] = self._overflows
            self._gap = self._gap_uncounted = False
            self._kept += n
            self._written += 1  # last: from here on the reader sees the block
        self._wake()

    def end(self) -> None:
        """Say that nothing more will be written: a waiting reader gets what is left, then None at once."""
        self._ended = True
        self._wake()

    def read(self, timeout: float) -> RawBlock | None:
        """The oldest block not yet read, or None after `timeout` seconds without one (at once after `end`)."""
        deadline = time.monotonic() + timeout
        while True:
            ended = self._ended  # before looking: a block may come between the look and the end
            if self._read < self._written:
                return self._take()
            left = deadline - time.monotonic()
            if ended or left <= 0:
                return None
            self._news.acquire(timeout=left)

    @property
    def backlog(self) -> int:
        """Frames waiting to be read."""
        return self._kept - self._taken

    @property
    def overflows(self) -> int:
        """How often frames have been lost, those after the newest block included."""
        return self._overflows

    @property
    def lost(self) -> int:
        """Frames dropped for want of room."""
        return self._lost

    @property
    def ended(self) -> bool:
        """Whether `end` was called."""
        return self._ended

    def _take(self) -> RawBlock:
        mark = self._read % self._marks
        n = self._lengths[mark]
        at = self._taken % self.capacity
        first = min(n, self.capacity - at)
        samples = np.empty((n, self.channels), np.float32)
        samples[:first] = self._frames[at : at + first]
        samples[first:] = self._frames[: n - first]
        block = RawBlock(
            samples=samples,
            start=self._starts[mark],
            gap=self._gaps[mark],
            uncounted=self._uncounted[mark],
            arrived=self._arrivals[mark],
            overflows=self._overflowed[mark],
        )
        self._read += 1  # the mark first, then the room: the writer looks at both
        self._taken += n
        return block

    def _wake(self) -> None:
        with suppress(RuntimeError):  # not held: the reader has yet to see the last news
            self._news.release()
