"""One's own recordings: a table in CSV, with a row for each that names its file, its speaker and its emotion.

Columns are told by the first row: `path`, `speaker`, `emotion`; others are left alone. Paths are below the table's
folder unless they begin with `/`. Speakers are numbered, so that no name of a person gets into a model file.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from model_build.corpora.ravdess import LABELS
from model_build.corpora.utterance import Fault, Utterance
from model_build.files import audio
from model_build.files.audio import SoundFault
from serd.errors import UsageError
from serd.system.nearest import near_file, nearest

CORPUS = "own"
COLUMNS = ("path", "speaker", "emotion")
LARGEST = 64 << 20
"""Bytes of a table."""
RATE = 16000

Row = dict[str, str]


@dataclass(frozen=True)
class Table:
    """What a table names that can be used, and what of it cannot."""

    clips: tuple[Utterance, ...]
    """In the order of the rows; each is named by the SHA-256 of its file, its speaker by a number from 1 on."""
    faults: tuple[Fault, ...]
    """A row each."""
    places: Mapping[str, str]
    """File and row of each clip, by the clip's name."""

    def without(self, names: set[str]) -> Table:
        """The table without some clips, which hold no speech."""
        fault = "no speech is found in it; give a recording in which somebody speaks for half a second"
        faults = [Fault(self.places[clip.name], "unreadable", fault) for clip in self.clips if clip.name in names]
        return Table(tuple(clip for clip in self.clips if clip.name not in names), tuple(faults), self.places)

    def check(self) -> None:
        """Raise UsageError where a training could not learn emotions from the clips."""
        emotions = Counter(clip.emotion for clip in self.clips)
        if len(emotions) < 2:
            only = f"only {next(iter(emotions))}" if emotions else "no recording that can be used"
            raise UsageError(f"--labels: {only}; a model needs two emotions at least, each of {', '.join(LABELS)}")
        pairs = {(clip.emotion, clip.speaker) for clip in self.clips}
        several = len({speaker for _, speaker in pairs}) > 1
        for emotion, count in sorted(emotions.items(), key=str):
            speakers = [speaker for one, speaker in pairs if one == emotion]
            if several and len(speakers) < 2:
                raise UsageError(
                    f"--labels: {emotion} is of one speaker alone, whose voice would be learned in its place; "
                    "add another's, or leave that emotion out"
                )
            if count < 2:
                raise UsageError(f"--labels: {emotion} has one recording alone; add more, or leave that emotion out")


def read(table: Path) -> Table:
    """Read a table and hear each of its recordings to the end. Raises UsageError for what is no such table."""
    clips: dict[str, Utterance] = {}
    places: dict[str, str] = {}
    faults: list[Fault] = []
    numbers: dict[str, str] = {}
    for number, row in _rows(table):
        place = f"{table.name}, row {number}"
        fault = _hole(place, row)
        if fault is None:
            path = table.parent / row["path"]
            found = _digest(place, path)
            if isinstance(found, Fault):
                fault = found
            elif found in clips:
                fault = Fault(place, "twice", f"{row['path']} is the recording of {places[found]}; leave one out")
            else:
                places[found] = f"{place}: {row['path']}"
                speaker = numbers.setdefault(row["speaker"], str(len(numbers) + 1))
                clips[found] = Utterance(path, found, CORPUS, speaker, emotion=row["emotion"])
        if fault is not None:
            faults.append(fault)
    return Table(tuple(clips.values()), tuple(faults), places)


def _rows(table: Path) -> Iterator[tuple[int, Row]]:
    """Number and cells of each row that is not empty; the first row has the columns' names. Raises UsageError."""
    try:
        if table.stat().st_size > LARGEST:
            raise UsageError(f"--labels {table}: larger than {LARGEST} bytes; give a table of recordings")
        text = table.read_text(encoding="utf-8-sig")
    except OSError as error:
        remedy = near_file(table, f"give a CSV file with the columns {', '.join(COLUMNS)}")
        raise UsageError(f"--labels {table}: cannot be read ({error.strerror}); {remedy}") from None
    except UnicodeDecodeError:
        raise UsageError(f"--labels {table}: not UTF-8 text; save it as CSV in UTF-8") from None
    lines = csv.reader(text.splitlines(keepends=True), strict=True)
    names: list[str] = []
    try:
        for number, cells in enumerate(lines, 1):
            if not names:
                names = [cell.strip().lower() for cell in cells]
                if missing := [name for name in COLUMNS if name not in names]:
                    comma = "; separate columns by commas" if len(cells) < 2 else ""
                    raise UsageError(
                        f"{table.name}, row 1: no column {', '.join(missing)}; "
                        f"it has to name {', '.join(COLUMNS)}{comma}"
                    )
            elif any(cell.strip() for cell in cells):
                row = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
                yield number, row | {"emotion": row.get("emotion", "").lower()}
    except csv.Error as error:
        raise UsageError(f"{table.name}, row {lines.line_num}: no CSV ({error}); mend that row") from None
    if not names:
        raise UsageError(f"--labels {table}: empty; its first row is {','.join(COLUMNS)}")


def _hole(place: str, row: Row) -> Fault | None:
    """What the row itself lacks."""
    empty = [name for name in COLUMNS if not row.get(name)]
    if empty:
        return Fault(place, "unlabelled", f"no {' and no '.join(empty)}; fill it in, or take the row out")
    emotion = row["emotion"]
    if emotion not in LABELS:
        near = nearest(emotion, LABELS)
        remedy = f"did you mean {near}?" if near else f"give one of {', '.join(LABELS)}"
        return Fault(place, "unknown", f"emotion {emotion[:64]!r} is none that serd-base has; {remedy}")
    return None


def _digest(place: str, path: Path) -> str | Fault:
    """The SHA-256 of a recording that can be heard to its end."""
    try:
        if path.is_file():
            return audio.read(path, RATE)[1]
        kind: Literal["missing", "unreadable"] = "unreadable" if path.exists() else "missing"
        text = "no sound file" if path.exists() else "no such file"
    except SoundFault as fault:
        kind, text = "unreadable", fault.text.partition(";")[0]
    except (OSError, ValueError):  # a name that cannot be one
        kind, text = "missing", "no such file"
    otherwise = "give its path below the table's folder" if kind == "missing" else "convert it to WAV or FLAC"
    remedy = near_file(path, otherwise)
    return Fault(place, kind, f"{path}: {text}; {remedy}")
