"""The sound files below some folders, in a fixed order, each under a name of its own.

Links to files are followed, links to folders are not: one could lead to where it lies.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from serd.errors import UsageError
from serd.scoring.batch import escaped_bytes
from serd.system.nearest import near_file

log = logging.getLogger(__name__)

HEARD = frozenset((
    "aif", "aifc", "aiff", "au", "caf", "flac", "mp2", "mp3", "mpeg", "mpga", "oga", "ogg", "opus",
    "rf64", "sds", "snd", "sph", "nist", "voc", "w64", "wav", "wave", "wve"
))  # fmt: skip
"""Suffixes of what libsndfile reads."""

TOLD = frozenset((
    "3gp", "aac", "amr", "ape", "m4a", "m4b", "mka", "mp4", "tta", "weba", "webm", "wma", "wv"
))  # fmt: skip
"""Suffixes of sound that it does not read: these are failures, for they would be missed otherwise."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One file to be heard."""

    file: str
    """The path below its folder, unique. A byte that is no UTF-8 is `\\udcXX`, spelled out."""
    path: str
    """Where it is, as Python names files (`os.fsencode`)."""
    size: int
    """In bytes; 0 of a link that leads nowhere."""


def sounds(folders: Sequence[Path]) -> Iterator[Sound]:
    """All sound files below, known by their suffixes, folder by folder, each in the order of its names.

    Raises UsageError for what is no folder or cannot be read, and for two files of one name.
    """
    for number, folder in enumerate(folders):
        for path, size in _walk(folder):
            below = os.path.relpath(path, folder)
            file = escaped_bytes(below)
            others = [other / below for other in folders[:number]]
            if file != below:  # another may be spelled like that
                others += [other / file for other in folders]
            for other in others:
                if os.path.lexists(other):
                    raise UsageError(
                        f"archive: {other} and {path} have one name, {file}; give each folder its own --out"
                    )
            yield Sound(file, path, size)


def _walk(folder: Path | str) -> Iterator[tuple[str, int]]:
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        remedy = near_file(Path(folder), "check the path")
        raise UsageError(f"archive: {folder}: cannot be read ({error.strerror}); {remedy}") from None
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif entry.is_dir():
            log.warning("%s: a link to a folder, which is not followed; name it as a folder of its own", entry.path)
        elif entry.name.rpartition(".")[2].lower() in HEARD | TOLD:
            yield entry.path, _size(entry)


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except OSError:
        return 0
