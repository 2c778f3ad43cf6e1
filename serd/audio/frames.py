"""Streams of frames and pages: MP3 and Ogg, where they end and where the next one in the file begins.

Sources: ISO 11172-3 and 13818-3 (MPEG audio), the Xing header as LAME writes it, RFC 3533 (Ogg), id3.org (ID3v2).
"""

from __future__ import annotations

from typing import BinaryIO

from serd.audio.part import Part

PIECE = 1 << 16
RATES = ((11025, 12000, 8000), (), (22050, 24000, 16000), (44100, 48000, 32000))
"""By MPEG's version bits: 2.5, reserved, 2, 1."""
LAYER_3 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
LAYER_2 = (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384)
LOWER = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""Thousands of bits a second by a frame's index from 1: of MPEG 1, and of both layers of what came after it."""


def mpeg_frame(head: bytes) -> int | None:
    """Length in bytes of the MPEG audio frame (layers II and III) that begins with these 4; None if none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    index, rate, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or layer not in (2, 3) or not 1 <= index <= 14 or rate == 3 or head[3] & 3 == 2:
        return None
    slots = 72 if layer == 3 and version != 3 else 144
    kbits = (LOWER if version != 3 else LAYER_3 if layer == 3 else LAYER_2)[index - 1]
    return slots * kbits * 1000 // RATES[version][rate] + padding


def adts_frame(head: bytes) -> int | None:
    """Length in bytes of the AAC frame (ADTS) that begins with these 7; None if none does."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:
        return None
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > 7 else None


def id3(head: bytes) -> int | None:
    """Length in bytes of the ID3v2 tag that begins with these 10; None if none does."""
    if len(head) < 10 or head[:3] != b"ID3" or head[3] not in (2, 3, 4) or max(head[6:10]) > 0x7F:
        return None
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + size + (10 if head[5] & 0x10 else 0)


def measured_mpeg(file: BinaryIO, start: int, end: int) -> Part | None:
    """The MP3 stream that begins at `start`; None if none does. It ends where its Xing header says, if it has one."""
    at = start
    file.seek(at)
    while (tag := id3(head := file.read(10))) is not None:
        at += tag
        file.seek(at)
    if mpeg_frame(head) is None:
        return None
    file.seek(at)
    first = file.read(64)
    mono, old = first[3] >> 6 == 3, first[1] >> 3 & 3 != 3
    place = 4 + ((9 if mono else 17) if old else (17 if mono else 32))
    flags = first[place + 7 : place + 8]
    if first[place : place + 4] not in (b"Xing", b"Info") or not flags or flags[0] & 3 != 3:
        return Part(start, end)
    after = at + int.from_bytes(first[place + 12 : place + 16], "big")
    file.seek(after)
    if file.read(3) == b"TAG":  # ID3v1
        after += 128
    file.seek(after)
    head = file.read(10)
    return Part(start, after if after > at and (id3(head) or mpeg_frame(head)) else end)


def measured_ogg(file: BinaryIO, start: int, end: int) -> Part | None:
    """The Ogg stream that begins at `start`; None if none does. Another page that begins a stream ends it."""
    at, begun, page = start, False, None
    while at < end:
        file.seek(at)
        head = file.read(27 + 255)
        if head[:4] != b"OggS" or len(head) < 27:
            if page is None:
                return None
            next_page = _page(file, at + 1, end)
            if next_page is None:
                break
            at = next_page
            continue
        first = bool(head[5] & 2)
        if begun and first:
            return Part(start, at)
        begun = begun or not first
        page = at
        at += 27 + head[26] + sum(head[27 : 27 + head[26]])
    return Part(start, end, cut=at != end)


def _page(file: BinaryIO, at: int, end: int) -> int | None:
    """Where the next page begins."""
    kept = b""
    file.seek(at)
    while piece := file.read(min(PIECE, max(0, end - file.tell()))):
        data = kept + piece
        place = data.find(b"OggS")
        if place >= 0:
            return file.tell() - len(data) + place
        kept = data[-3:]
    return None
