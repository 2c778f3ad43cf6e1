"""Recordings: what files and folders named by a person hold to be heard, in order, and the source that reads each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from serd.audio.container import WAV, recognised
from serd.audio.recording import Recording
from serd.audio.source import Source
from serd.errors import UsageError
from serd.scoring.ffmpeg import Ffmpeg

OURS = (
    ".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".aif", ".aiff", ".aifc", ".au", ".snd", ".caf", ".w64", ".rf64",
    ".voc", ".sph", ".nist",
)  # fmt: skip
"""How files are called that libsndfile reads."""

OTHERS = (
    ".m4a", ".mp4", ".m4b", ".m4v", ".mov", ".3gp", ".3g2", ".3gpp", ".webm", ".mkv", ".mka", ".weba", ".amr", ".awb",
    ".aac", ".wma", ".wmv", ".asf", ".avi", ".flv", ".mpg", ".mpeg", ".mts", ".m2ts", ".wv", ".ape", ".tta",
)  # fmt: skip
"""How files are called that ffmpeg reads."""

READ = ("big-endian WAV", "AIFF", "Wave64", "AU", "CAF", "FLAC", "Ogg", "NIST SPHERE", "VOC", "MP3",
        "MP3 with an ID3 tag")  # fmt: skip
"""Containers that libsndfile reads, besides WAV."""

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class ListedRecording:
    """One recording to be heard."""

    path: Path
    """As it was named, or its folder was."""
    within: Path
    """Below the folder that was named; the file's name where it was named itself."""


def gather(names: Iterable[str]) -> Iterator[ListedRecording | UsageError]:
    """Files as they are named, and all recordings below folders, sorted; a folder's fault in its place.

    Folders are searched for names that sound files have; those that begin with a dot, and links to folders, are not
    followed.
    """
    for name in names:
        path = Path(name)
        if not path.is_dir():
            yield ListedRecording(path, Path(path.name))
            continue
        faults: list[UsageError] = []
        paths = sorted(_below(path, faults))
        yield from (ListedRecording(one, one.relative_to(path)) for one in paths)
        yield from faults
        if not paths and not faults:
            yield UsageError(f"input {path}: a folder without sound; serd looks for {', '.join(OURS[:4])}, .m4a, ...")


def _below(folder: Path, faults: list[UsageError]) -> Iterator[Path]:
    def tell(error: OSError) -> None:
        faults.append(
            UsageError(f"input {os.fsdecode(error.filename)}: cannot be read ({error.strerror}); check its permissions")
        )

    for place, folders, files in os.walk(folder, onerror=tell):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in (*OURS, *OTHERS):
                yield Path(place, name)


def source(path: Path, rate: int, channel: int | Literal["mix"] = "mix") -> Source:
    """What reads the file, to be opened: libsndfile, or ffmpeg for what that does not read."""
    container = _foreign(path)
    return Ffmpeg(path, container, rate, channel) if container else Recording(path, rate, channel=channel)


def _foreign(path: Path) -> str:
    """The container that ffmpeg has to be asked about; nothing for what libsndfile reads, or nobody."""
    try:
        if not path.is_file():
            return ""
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:  # whoever opens it says why
        return ""
    what = recognised(head, ended=True)
    if what == WAV:
        return "AVI" if head[8:12] == b"AVI " else ""
    if isinstance(what, str):
        return "" if what in READ else what
    suffix = path.suffix.lower()
    return suffix.lstrip(".").upper() if head and suffix in OTHERS else ""
