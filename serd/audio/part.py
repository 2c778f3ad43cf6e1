"""A part of a sound file: one stream in it, where it lies and what its header ought to say.

Recorders that cannot seek back leave lengths of 0, of -1 or of a placeholder behind, and `cat a b` makes one file of
two streams. libsndfile believes the one and stops at the other; here both are seen, and a header is corrected on its
way to libsndfile. Where nothing is odd a file is one part without patches.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import BinaryIO

PLACEHOLDER = 10**9
"""A header that claims so many bytes or frames, of which hardly any are there, was written before the end was known."""
HARDLY = 0.01
UNKNOWN = (1 << 31) - (1 << 16)
"""Bytes that are never a length: writers put 2^31, a little less, or -1 for what they do not know."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stream in a file."""

    start: int
    end: int
    """Extent in the file, in bytes."""
    patches: tuple[tuple[int, bytes], ...] = ()
    """What the header ought to hold: place, counted from `start`, and bytes there."""
    cut: bool = False
    """Whether something of it is missing for certain."""
    share: float | None = None
    """Share of what the header claims that is there; None if that is not known."""


def part(start: int, end: int, patches: tuple[tuple[int, bytes], ...], claimed: int, there: int) -> Part:
    """A part whose header claims `claimed` bytes or frames of sound, of which `there` are in the file."""
    known = 0 < claimed < UNKNOWN and not (claimed >= PLACEHOLDER and there < HARDLY * claimed)
    cut = known and there < claimed
    return Part(start, end, patches, cut, there / claimed if cut else None)


class Bytes(io.RawIOBase):
    """A part's bytes, patched, as a file that only holds them: what soundfile is given."""

    def __init__(self, file: BinaryIO, one: Part) -> None:
        self._file, self._part, self._at = file, one, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._part.end - self._part.start}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        length = max(0, min(len(buffer), self._part.end - self._part.start - self._at))
        self._file.seek(self._part.start + self._at)
        data = bytearray(self._file.read(length))
        for place, patch in self._part.patches:
            low, high = max(place, self._at), min(place + len(patch), self._at + len(data))
            if low < high:
                data[low - self._at : high - self._at] = patch[low - place : high - place]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()
