"""FLAC streams: where they end, and how many samples they hold, whatever their header says (RFC 9639)."""

from __future__ import annotations

from functools import cache
from typing import BinaryIO, NamedTuple

from serd.audio.part import Part, part

MARKER = b"fLaC"
STREAMINFO = (b"fLaC\0\0\0\x22", b"fLaC\x80\0\0\x22")
PIECE = 1 << 20
TAIL = 1 << 19
"""A frame is shorter: 65535 samples of 8 channels would be more, and nobody makes them."""

BLOCK_SIZES = (0, 192, 576, 1152, 2304, 4608, 0, 0, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)


class Frame(NamedTuple):
    """The head of a frame."""

    at: int
    first: int
    """Place of the frame's first sample in the stream; None where that takes the size of the other frames."""
    samples: int


def measured(file: BinaryIO, start: int, end: int) -> Part | None:
    """The stream that begins at `start`; None if none does."""
    file.seek(start)
    head = file.read(42)
    if head[:8] not in STREAMINFO or len(head) < 42:
        return None
    end = _next(file, start + 8, end)
    if end < start + len(head):  # another begins within the head: there is nothing of this one
        return None
    total = int.from_bytes(head[21:26], "big") & ((1 << 36) - 1)
    size = int.from_bytes(head[10:12], "big")
    file.seek(max(start + 42, end - TAIL))
    tail = file.read(end - file.tell())
    last = _last(tail, size, end - len(tail))
    if last is None:
        return Part(start, end)
    whole = crc16(tail[last.at - (end - len(tail)) :]) == 0
    there = last.first + (last.samples if whole else 0)
    if total == there:
        return Part(start, end)
    patch = head[21] & 0xF0 | there >> 32, there & 0xFFFFFFFF
    patches = ((21, bytes(patch[:1]) + patch[1].to_bytes(4, "big")),)
    made = part(start, end, patches, total, there)
    if not whole and not made.cut:  # the length was not known, but the last frame is not all there
        return Part(made.start, made.end, patches, True, None)
    return made


def _next(file: BinaryIO, at: int, end: int) -> int:
    """Where the next stream begins, or the end."""
    kept = b""
    file.seek(at)
    while piece := file.read(min(PIECE, max(0, end - file.tell()))):
        data = kept + piece
        places = [place for mark in STREAMINFO if (place := data.find(mark)) >= 0]
        if places:
            return file.tell() - len(data) + min(places)
        kept = data[-7:]
    return end


def _last(tail: bytes, size: int, offset: int) -> Frame | None:
    """The last frame's head in the last bytes of a stream."""
    at = len(tail)
    while (at := tail.rfind(b"\xff", 0, at)) >= 0:
        frame = _frame(tail[at : at + 16], size)
        if frame is not None:
            return Frame(at + offset, *frame)
    return None


def _frame(head: bytes, size: int) -> tuple[int, int] | None:
    """First sample and number of samples of the frame whose head this is; None if it is none."""
    if len(head) < 6 or head[1] & 0xFE != 0xF8 or head[2] >> 4 == 0 or head[2] & 15 == 15 or head[3] & 1:
        return None
    number, at = head[4], 5
    if number >= 0x80:
        more = 8 - (number ^ 0xFF).bit_length() - 1
        if not 1 <= more <= 6:
            return None
        number &= (1 << (6 - more)) - 1
        for byte in head[5 : 5 + more]:
            if byte & 0xC0 != 0x80:
                return None
            number = number << 6 | byte & 0x3F
        at += more
    code, rate = head[2] >> 4, head[2] & 15
    wide = {6: 1, 7: 2}.get(code, 0)
    samples = int.from_bytes(head[at : at + wide], "big") + 1 if wide else BLOCK_SIZES[code]
    at += wide + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    if at >= len(head) or crc8(head[: at + 1]) != 0:
        return None
    return (number if head[1] & 1 else number * size), samples


@cache
def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    rows = []
    for value in range(256):
        rest = value << (bits - 8)
        for _ in range(8):
            rest = (rest << 1 ^ polynomial if rest >> (bits - 1) else rest << 1) & ((1 << bits) - 1)
        rows.append(rest)
    return tuple(rows)


def crc8(data: bytes) -> int:
    """FLAC's check of a frame's head; 0 over a head and its check."""
    table, rest = _table(0x07, 8), 0
    for byte in data:
        rest = table[rest ^ byte]
    return rest


def crc16(data: bytes) -> int:
    """FLAC's check of a frame; 0 over a frame and its check."""
    table, rest = _table(0x8005, 16), 0
    for byte in data:
        rest = (rest << 8 & 0xFFFF) ^ table[rest >> 8 ^ byte]
    return rest
