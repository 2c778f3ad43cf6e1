"""One recording of a corpus, and what its publisher says of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from serd.audio.corpus import RAVDESS_EMOTIONS

Gender = Literal["female", "male"]

EMOTIONS = (*RAVDESS_EMOTIONS, "bored", "excited", "frustrated", "other")
"""The vocabulary that all corpora share; the first eight are RAVDESS's, in its order."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A recording with its labels. Where a corpus does not say, the field is None."""

    path: Path
    name: str
    """Unique within the corpus, and the same whatever the file's ending or folder."""
    corpus: str
    speaker: str
    """The publisher's id; for sounds without a speaker, the recording they were cut from."""
    gender: Gender | None = None
    language: str | None = None
    """ISO 639-1, or 639-3 where there is none; None where nobody speaks."""
    emotion: str | None = None
    """One of EMOTIONS; None where the corpus is not about emotion, or its judges did not agree."""
    intensity: str | None = None
    text: str | None = None
    """What is said: equal texts have equal ids within a corpus."""
    sound: str | None = None
    """What sounds, where it is not speech."""
    fold: str | None = None
    """The publisher's own fold or session, where there is one."""
    family: str = ""
    """Corpora of one family share their speakers (RAVDESS's speech and song); by default the corpus."""

    @property
    def group(self) -> str:
        """Recordings of one group never stand on both sides of a split by speaker."""
        return f"{self.family or self.corpus}/{self.speaker}"


@dataclass(frozen=True, slots=True)
class Fault:
    """A file that cannot be used, or is not there."""

    name: str
    """The path, or the name of what is missing."""
    kind: Literal["missing", "unreadable", "truncated", "unlabelled", "twice", "unknown"]
    text: str
    """What is wrong, without the name."""

    def __str__(self) -> str:
        return f"{self.name}: {self.text}"
