"""The parts of a sound file, in their order, by the heads of all the kinds that serd looks into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from serd.audio import chunks, flac, frames
from serd.audio.part import Part

MOST = 4096
"""Parts of one file that are heard."""

READERS: tuple[Callable[[BinaryIO, int, int], Part | None], ...] = (
    chunks.measured,
    flac.measured,
    frames.measured_ogg,
    frames.measured_mpeg,
)


def parts(path: Path) -> tuple[Part, ...]:
    """At least one: of what serd does not look into, the whole file. Raises OSError."""
    recordings: list[Part] = []
    with path.open("rb") as file:
        end = file.seek(0, 2)
        at = 0
        while at < end and len(recordings) < MOST:
            made = next((made for read in READERS if (made := read(file, at, end)) is not None), None)
            if made is None or made.end <= at:
                break
            recordings.append(made)
            at = made.end
    return tuple(recordings) or (Part(0, end),)
