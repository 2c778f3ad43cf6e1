"""Recordings of acted emotions that a user has: which file is labelled how, by its publisher's name for it."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from serd.errors import UsageError
from serd.system.nearest import near_file

RAVDESS = re.compile(
    r"03-(?P<channel>0[12])-0(?P<emotion>[1-8])-(?P<intensity>0[12])-(?P<statement>0[12])-(?P<repetition>0[12])"
    r"-(?P<actor>[01]\d|2[0-4])"
)
"""Livingstone & Russo 2018, audio only, speech and song."""
RAVDESS_EMOTIONS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")

EMO_DB = re.compile(r"(?P<speaker>03|08|09|1[0-6])(?P<text>[ab]\d\d)(?P<emotion>[WLEAFTN])(?P<version>[a-z]?)")
"""Burkhardt et al. 2005: the sixth letter is the emotion's German initial."""
EMO_DB_EMOTIONS = {
    "W": "angry",
    "L": "bored",
    "E": "disgust",
    "A": "fearful",
    "F": "happy",
    "T": "sad",
    "N": "neutral",
}

ENDINGS = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3"})
SEED = 20181116


@dataclass(frozen=True, slots=True)
class Clip:
    """One recording and its label."""

    path: Path
    label: str


def label(path: Path) -> str | None:
    """The label in a file's name; None where it is no name of RAVDESS or EMO-DB."""
    if path.suffix.lower() not in ENDINGS:
        return None
    if match := RAVDESS.fullmatch(path.stem):
        return RAVDESS_EMOTIONS[int(match["emotion"]) - 1]
    return EMO_DB_EMOTIONS[match["emotion"]] if (match := EMO_DB.fullmatch(path.stem)) else None


def clips(folder: Path) -> list[Clip]:
    """All labelled recordings below a folder, sorted. Raises UsageError where there is none."""
    if not folder.is_dir():
        remedy = near_file(folder, "give one with recordings of RAVDESS or EMO-DB")
        what = "not a folder; `serd --input FILE` plays a file" if folder.exists() else f"no such folder; {remedy}"
        raise UsageError(f"--demo {folder}: {what}")
    labelled = [Clip(path, name) for path in sorted(folder.rglob("*")) if (name := label(path)) and path.is_file()]
    if not labelled:
        raise UsageError(
            f"--demo {folder}: holds no recording named as RAVDESS (03-01-05-01-01-01-01.wav) or EMO-DB (03a01Wa.wav) "
            "names them; `serd score` takes any"
        )
    return labelled


def mixed(clips: list[Clip]) -> list[Clip]:
    """In rounds, each with one clip of every label that has any left, drawn without regard to speakers.

    The order of the same clips is always the same.
    """
    draw = random.Random(SEED)
    piles: dict[str, list[Clip]] = {}
    for clip in draw.sample(clips, len(clips)):
        piles.setdefault(clip.label, []).append(clip)
    out: list[Clip] = []
    while piles:
        names = draw.sample(sorted(piles), len(piles))
        if len(names) > 1 and out and names[0] == out[-1].label:
            names.append(names.pop(0))  # the same label twice in a row shows little
        out += [piles[name].pop() for name in names]
        piles = {name: pile for name, pile in piles.items() if pile}
    return out
