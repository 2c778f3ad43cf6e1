"""Sound files made of chunks, each with its length before it: WAV, RF64, W64, AIFF, CAF; and AU, which has one length.

Sources: "Multimedia Programming Interface and Data Specifications 1.0" (RIFF), EBU Tech 3306 (RF64), Sony "Wave64",
Apple "Audio Interchange File Format" and "Core Audio Format", Sun's audio(5).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from serd.audio.part import UNKNOWN, Part, part

W64 = bytes.fromhex("726966662e91cf11a5d628db04c10000")
W64_DATA = bytes.fromhex("64617461f3acd3118cd100c04f8edb8a")
MOST = 4096
"""Chunks that are looked at; no file has as many before its sound."""


class Kind(NamedTuple):
    """How a container writes its chunks."""

    first: int
    """Where the first chunk begins."""
    head: struct.Struct
    """Layout of a chunk's head: its name and its length."""
    inside: int
    """Bytes of the head that the length counts too."""
    align: int
    sound: bytes
    """Name of the chunk with the samples."""


RIFF = Kind(12, struct.Struct("<4sI"), 0, 2, b"data")
FORM = Kind(12, struct.Struct(">4sI"), 0, 2, b"SSND")
CAFF = Kind(8, struct.Struct(">4sQ"), 0, 1, b"data")
WAVE64 = Kind(40, struct.Struct("<16sQ"), 24, 8, W64_DATA)


class Chunk(NamedTuple):
    """One chunk, its extent in bytes of the file."""

    name: bytes
    start: int
    """Place of its head in the file, in bytes."""
    body: int
    length: int
    """Bytes that its head claims."""


def measured(file: BinaryIO, start: int, end: int) -> Part | None:
    """The part that begins at `start` of a file that ends at `end`; None if it is not made of chunks."""
    file.seek(start)
    head = file.read(24)
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return _measured(file, RIFF, start, end)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return _measured(file, FORM, start, end)
    if head[:4] == b"caff":
        return _measured(file, CAFF, start, end)
    if head[:16] == W64:
        return _measured(file, WAVE64, start, end)
    if head[:4] == b".snd" and len(head) == 24:
        return _sun(head, start, end)
    return None


def _measured(file: BinaryIO, kind: Kind, start: int, end: int) -> Part | None:
    seen: dict[bytes, Chunk] = {}
    for chunk in _chunks(file, kind, start + kind.first, end):
        seen.setdefault(chunk.name, chunk)
        if chunk.name == kind.sound:
            break
    else:
        return None
    sound = seen[kind.sound]
    claimed, there = max(0, sound.length), end - sound.body
    long = seen.get(b"ds64") if kind is RIFF and claimed >= UNKNOWN else None  # RF64 has its lengths there
    if long is not None:
        file.seek(long.body)
        claimed = int.from_bytes(file.read(24)[8:16], "little")
    if claimed == 0 and (_follows(file, kind, sound.body, end) or not there):
        return Part(start, _last(file, kind, sound.body, end))  # truly without sound
    if 0 < claimed <= there:
        return Part(start, _last(file, kind, sound.body + claimed + -claimed % kind.align, end))
    patches: tuple[tuple[int, bytes], ...] = ()
    if long is not None:
        align = _frame_bytes(file, seen)
        lengths = struct.pack("<QQQ", end - start - 8, there, there // align)
        patches = ((long.body - start, lengths),)
    elif kind is CAFF:
        patches = ((sound.start - start + 4, struct.pack(">Q", there)),)
    elif kind is RIFF:
        size = struct.pack("<I", min(there, UNKNOWN - 1) if there < UNKNOWN else 0xFFFFFFFF)
        patches = ((4, struct.pack("<I", min(end - start - 8, 0xFFFFFFFF))), (sound.start - start + 4, size))
    return part(start, end, patches, 0 if claimed >= 1 << 62 else claimed, there)


def _chunks(file: BinaryIO, kind: Kind, at: int, end: int) -> Iterator[Chunk]:
    for _ in range(MOST):
        if at >= end:  # a length may be of more bits than a file's place
            return
        file.seek(at)
        head = file.read(kind.head.size)
        if at + len(head) > end or len(head) < kind.head.size:
            return
        name, length = kind.head.unpack(head)
        if not name[:4].isascii() or not name[:4].decode().isprintable():
            return
        length -= kind.inside
        yield Chunk(name, at, at + kind.head.size, length)
        if length < 0:
            return
        at += kind.head.size + length + -length % kind.align


def _follows(file: BinaryIO, kind: Kind, at: int, end: int) -> bool:
    """Whether whole chunks follow, up to the end."""
    last = next(reversed(list(_chunks(file, kind, at, end))), None)
    return last is not None and last.body + last.length in range(end - kind.align, end + 1)


def _last(file: BinaryIO, kind: Kind, at: int, end: int) -> int:
    """Where the part ends whose sound ends at `at`: other chunks may follow, and then another file."""
    for chunk in _chunks(file, kind, at, end):
        file.seek(chunk.start)
        if begins(file.read(16)):
            return chunk.start
        at = min(end, chunk.body + max(0, chunk.length))
    return end


def begins(head: bytes) -> bool:
    """Whether a sound file of any kind that serd looks into begins with these 16 bytes."""
    wave = head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE"
    form = head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")
    return wave or form or head[:4] in (b"caff", b".snd", b"fLaC", b"OggS") or head == W64


def _frame_bytes(file: BinaryIO, seen: dict[bytes, Chunk]) -> int:
    if b"fmt " not in seen:
        return 1
    file.seek(seen[b"fmt "].body + 12)
    return max(1, int.from_bytes(file.read(2), "little"))


def _sun(head: bytes, start: int, end: int) -> Part:
    offset, claimed = struct.unpack(">II", head[4:12])
    there = max(0, end - start - offset)
    if 0 < claimed < there:
        after = start + offset + claimed
        return Part(start, after)
    if claimed == there:
        return Part(start, end)
    return part(start, end, ((8, struct.pack(">I", min(there, 0xFFFFFFFF))),), claimed, there)
