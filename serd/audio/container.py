"""Containers, known by their first bytes: what comes through a pipe may be no raw samples.

Only what no raw samples are likely to be is taken for one: a magic of four bytes, or two consistent frames of a format
that has none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from serd.audio.frames import adts_frame, id3, mpeg_frame

WAV = "WAV"
MAGICS: dict[bytes, str] = {
    b"RIFX": "big-endian WAV",
    b"FORM": "AIFF",
    b"FRM8": "DSDIFF",
    b"riff": "Wave64",
    b".snd": "AU",
    b"caff": "CAF",
    b"fLaC": "FLAC",
    b"OggS": "Ogg",
    b"#!AM": "AMR",
    b"#!SI": "SILK",
    b"wvpk": "WavPack",
    b"MAC ": "Monkey's Audio",
    b"TTA1": "TTA",
    b"MPCK": "Musepack",
    b"DSD ": "DSF",
    b"NIST": "NIST SPHERE",
    b"Crea": "VOC",
    b"FLV\x01": "FLV",
    b"\x1aE\xdf\xa3": "WebM or Matroska",
    b"0&\xb2u": "WMA",
}
WAVES = (b"RIFF", b"RF64", b"BW64")
MP4 = b"ftyp"
"""After a length of four bytes, the first two of which are 0."""


class Undecided(NamedTuple):
    """More bytes are needed."""


UNDECIDED = Undecided()
Found = str | Undecided | None


def recognised(head: bytes, ended: bool = False) -> Found:
    """The container that a stream with this head is in; None for raw samples.

    `ended`: there is nothing after the head. Raw samples are known by their first bytes, at the latest by the first
    that no container would have there.
    """
    looks = (_by_magic(head), _by_box(head), _by_tag(head), _by_frames(head, "MP3", 4, mpeg_frame),
             _by_frames(head, "AAC (ADTS)", 7, adts_frame))  # fmt: skip
    return next((look for look in looks if look is not None and not (ended and look is UNDECIDED)), None)


def _by_magic(head: bytes) -> Found:
    for magic, name in (*MAGICS.items(), *((wave, WAV) for wave in WAVES)):
        if head.startswith(magic):
            return name
        if magic.startswith(head):
            return UNDECIDED
    return None


def _by_box(head: bytes) -> Found:
    """MP4, which begins with a box of some hundred bytes at the most."""
    if not (head[:2] == b"\0\0" or b"\0\0".startswith(head)):
        return None
    if head[4:8] == MP4:
        return "MP4 or M4A"
    return UNDECIDED if MP4.startswith(head[4:8]) else None


def _by_tag(head: bytes) -> Found:
    if len(head) < 10:
        return UNDECIDED if b"ID3".startswith(head[:3]) else None
    return None if id3(head) is None else "MP3 with an ID3 tag"


def _by_frames(head: bytes, name: str, size: int, length: Callable[[bytes], int | None]) -> Found:
    """By two consistent frames, each of which begins with `size` bytes that tell its length."""
    if len(head) < size:
        sync = head[:1] in (b"", b"\xff") and (len(head) < 2 or head[1] & 0xE0 == 0xE0)
        return UNDECIDED if sync else None
    first = length(head[:size])
    if first is None:
        return None
    second = head[first : first + size]
    if len(second) < size:
        return UNDECIDED
    same = second[1] == head[1] and second[2] & 0x0C == head[2] & 0x0C  # of the third byte, the rate
    return name if same and length(second) is not None else None
