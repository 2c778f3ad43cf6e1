"""WAV as a stream: what `arecord`, `sox` and `ffmpeg` write into a pipe, where no length can be filled in later."""

from __future__ import annotations

import struct

from serd.audio.part import UNKNOWN
from serd.audio.pcm import Layout

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
ENCODINGS = {
    (PCM, 8): "u8",
    (PCM, 16): "s16le",
    (PCM, 24): "s24le",
    (PCM, 32): "s32le",
    (FLOAT, 32): "f32le",
    (FLOAT, 64): "f64le",
}
WAVES = (b"RIFF", b"RF64", b"BW64")
HEAD = 1 << 16
"""A format is shorter than this."""
ENDLESS = 1 << 62


class WavStream:
    """Takes a WAV's bytes as they come and gives those of its samples, other chunks left out.

    A WAV that follows is part of the stream if it is made alike; if not, the stream ends before it.
    """

    def __init__(self) -> None:
        self.layout: Layout | None = None
        """Known before the first samples are given out."""
        self.broken_off = False
        """Whether a WAV of another layout has followed."""
        self._kept = b""
        self._begun = False
        self._skip = self._left = self._pad = self._long = 0
        """Bytes to pass over; of samples to come, and of what fills them up; of samples, as RF64 says it."""

    def feed(self, data: bytes) -> bytes:
        """The samples' bytes in what has come. Raises ValueError for a header that makes no sense."""
        data, out, at = self._kept + data, bytearray(), 0
        while True:
            passed = min(self._skip, len(data) - at)
            self._skip -= passed
            at += passed
            heard = min(self._left, len(data) - at)
            out += data[at : at + heard]
            self._left -= heard
            at += heard
            if heard and not self._left:
                self._skip = self._pad
                continue
            taken = 0 if self._skip or self._left else self._head(data[at : at + HEAD])
            if not taken:
                self._kept = data[at:]
                return bytes(out)
            at += taken

    def _head(self, data: bytes) -> int:
        """Bytes of the next head, after it was taken; 0 where not all of it is here."""
        if len(data) < (8 if self._begun else 12):
            return 0
        name, length = struct.unpack("<4sI", data[:8])
        if not self._begun:
            if data[8:12] != b"WAVE":
                raise ValueError("RIFF, but no WAV")
            self._begun = True
            return 12
        if name in WAVES:
            self._begun = False
            return self._head(data)
        if name in (b"fmt ", b"ds64"):
            if not 16 <= length <= HEAD - 8:
                raise ValueError(f"a format of {length} bytes")
            if len(data) < 8 + length:
                return 0
            if name == b"ds64":
                self._long = int.from_bytes(data[16:24], "little")
            else:
                self._meet(_layout(data[8 : 8 + length]))
        elif name == b"data":
            self._sound(length)
            return 8
        self._skip += length + length % 2
        return 8

    def _sound(self, length: int) -> None:
        if self.layout is None:
            raise ValueError("samples before their format")
        if length == 0xFFFFFFFF and 0 < self._long < ENDLESS:
            length = self._long
        elif length == 0 or length >= UNKNOWN:
            length = ENDLESS
        self._left, self._pad = length, length % 2

    def _meet(self, layout: Layout) -> None:
        if self.layout not in (None, layout):
            self.broken_off, self._skip = True, ENDLESS
        self.layout = self.layout or layout


def _layout(data: bytes) -> Layout:
    tag, channels, rate, _, align, bits = struct.unpack("<HHIIHH", data[:16])
    if tag == EXTENSIBLE and len(data) >= 40:
        tag = int.from_bytes(data[24:26], "little")
    encoding = ENCODINGS.get((tag, bits))
    if encoding is None:
        raise ValueError(f"samples of {bits} bits in format {tag:#06x}")
    layout = Layout(rate, channels, encoding)
    if not 1 <= channels <= 256 or layout.frame_bytes != align:
        raise ValueError(f"{channels} channels in {align} bytes")
    return layout
