"""Measured impulse responses of rooms, and which of them may train by their licences."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_build.files import audio
from serd.block import Samples
from serd.errors import UsageError

FOLDER = "rir"
SHARE_ALIKE = ("Attribution Share Alike", "by-sa")
"""Words of a licence under which all that is made of the response would have to be, too."""
RATE = 16000


@dataclass(frozen=True, eq=False)
class Room:
    """A room's impulse response, from the direct sound on, whose peak is 1."""

    name: str
    response: Samples
    rt60_s: float
    trains: bool
    """Whether its licence lets weights that it shaped be under another one."""


def read(data: Path) -> tuple[Room, ...]:
    """All rooms below `data`, in the order of their names. Raises UsageError, SoundFault."""
    folder = data / FOLDER
    try:
        described = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        lines = (folder / "LICENCES.txt").read_text(encoding="utf-8").splitlines()
        rt60 = {str(entry["name"]): float(entry["rt60"]) for entry in described}
        rt60 = {name: seconds for name, seconds in rt60.items() if (folder / f"{name}.flac").is_file()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{folder}: no measured rooms ({error}); it holds meta.json, LICENCES.txt and .flac") from None
    licences = {name: licence for name, _, licence in (line.partition(": ") for line in lines)}
    rooms = []
    for name in sorted(rt60):
        response = audio.read(folder / f"{name}.flac", RATE)[0]
        first = int(np.abs(response).argmax())
        licence = licences.get(name.split("_", 1)[-1], "")
        free = not any(words in licence for words in SHARE_ALIKE)
        rooms.append(Room(name, response[first:] / np.abs(response[first]), rt60[name], free))
    return tuple(rooms)
