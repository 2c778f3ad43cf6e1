"""A corpus as its publisher describes it, and the inventory of a copy of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from model_build.corpora.utterance import Fault, Utterance
from model_build.files.audio import SoundFault, check
from model_build.files.progress import Say
from serd.errors import UsageError

ENDINGS = (".wav", ".flac", ".opus")

Reader = Callable[[Path], Iterator[Utterance | Fault]]


def sounds(folder: Path) -> list[Path]:
    """All sound files below a folder, in the order of their names without endings.

    What macOS leaves behind in archives (`__MACOSX`, `._name`) is no sound.
    """
    files = (path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS)
    kept = (path for path in files if not path.name.startswith(".") and "__MACOSX" not in path.parts)
    return sorted(kept, key=lambda path: (path.with_suffix("").relative_to(folder), path.suffix))


@dataclass(frozen=True)
class Corpus:
    """What the publisher states, and how to read a copy."""

    name: str
    title: str
    read: Reader
    """Yields an utterance or a fault for each sound file below the folder."""
    folders: tuple[str, ...] = ()
    """Names under which a copy may stand in the data folder, beside the corpus's own; case is ignored."""
    recordings: int | None = None
    """How many there are by the publisher's statement; None where any part of it will do."""
    speakers: int | None = None
    emotions: Mapping[str, int] = field(default_factory=dict)
    """Stated recordings of each emotion."""
    names: Callable[[], set[str]] | None = None
    """All names there must be, where the publisher's scheme tells."""

    def folder(self, data: Path) -> Path | None:
        """The folder of this corpus below the data folder: one of its own name, else the data folder."""
        wanted = {name.lower() for name in (self.name, *self.folders)}
        folders = sorted(path for path in data.iterdir() if path.is_dir() and path.name.lower() in wanted)
        if folders:
            return folders[0]
        return data if any(isinstance(item, Utterance) for item in self.read(data)) else None


@dataclass(frozen=True)
class Inventory:
    """What a copy of a corpus holds."""

    corpus: Corpus
    utterances: tuple[Utterance, ...]
    """Usable ones, in the order of their names."""
    faults: tuple[Fault, ...]

    def differences(self) -> list[str]:
        """Differences between the copy and what the publisher states, a line each."""
        stated, utterances = self.corpus, self.utterances
        lines = []
        if stated.recordings is not None and len(utterances) != stated.recordings:
            lines.append(f"{len(utterances)} recordings, {stated.recordings} stated")
        count = len({utterance.speaker for utterance in utterances})
        if stated.speakers is not None and count != stated.speakers:
            lines.append(f"{count} speakers, {stated.speakers} stated")
        counts = Counter(utterance.emotion for utterance in utterances)
        for emotion, wanted in stated.emotions.items():
            if counts[emotion] != wanted:
                lines.append(f"{counts[emotion]} {emotion}, {wanted} stated")
        return lines


def inventory(corpus: Corpus, data: Path, listen: bool = False) -> Inventory:
    """Read a copy of a corpus. With `listen` every file is decoded to its end, not only named.

    Raises UsageError if there is nothing of it in `data`.
    """
    if not data.is_dir():
        raise UsageError(f"{data}: no such folder; --data names the folder that holds the corpora")
    folder = corpus.folder(data)
    read = list(corpus.read(folder)) if folder else []
    if not any(isinstance(item, Utterance) for item in read):
        raise UsageError(f"{folder or data}: no recordings of {corpus.title}; --data names the folder that holds them")
    kept: dict[str, Utterance] = {}
    faults: list[Fault] = []
    for item in read:
        if isinstance(item, Fault):
            faults.append(item)
        elif item.name in kept:
            faults.append(Fault(str(item.path), "twice", f"a second copy of {kept[item.name].path}; not used"))
        else:
            kept[item.name] = item
            fault = _listen(item) if listen else None
            if fault:
                faults.append(fault)
    wrong = {fault.name for fault in faults}
    if corpus.names:
        absent = corpus.names() - kept.keys()
        faults += [Fault(name, "missing", "missing; fetch it anew") for name in sorted(absent)]
    good = (kept[name] for name in sorted(kept) if str(kept[name].path) not in wrong)
    return Inventory(corpus, tuple(good), tuple(faults))


def _listen(utterance: Utterance) -> Fault | None:
    try:
        check(utterance.path)
    except SoundFault as error:
        return Fault(str(utterance.path), error.kind, error.text)
    return None


NAMED = 10
"""Faults that are named one by one."""


def warn(faults: Sequence[Fault], say: Say) -> None:
    """Name the first of them, those of files that are there before those of missing ones."""
    for fault in sorted(faults, key=lambda fault: fault.kind == "missing")[:NAMED]:
        say(f"warning: {fault}")
    if len(faults) > NAMED:
        say(f"warning: {len(faults) - NAMED} more faults; `python -m model_build corpora` names them all")
