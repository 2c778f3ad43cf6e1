"""The files that `serd score --out FOLDER` writes: one a recording, there whole or not at all."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from serd.cli.score_forms import SUFFIXES, Form
from serd.errors import OutputError, UsageError
from serd.scoring.recordings import ListedRecording


class Files:
    """Where each recording's score goes: below one folder, as the recording lies below the one that was named."""

    def __init__(self, folder: Path, recordings: Sequence[ListedRecording], form: Form) -> None:
        """Raises UsageError where a file is there already: it may have been corrected by hand."""
        self._folder, self._suffix = folder, SUFFIXES[form]
        self._wanted = Counter(one.within.with_suffix(self._suffix) for one in recordings)
        self._made: set[Path] = set()
        there = [path for path in map(self.path, recordings) if path.exists()]
        if there:
            more = f" and {len(there) - 1} more" if len(there) > 1 else ""
            raise UsageError(f"--out {folder}: {there[0]}{more} would be replaced; move them, or give another folder")

    def path(self, one: ListedRecording) -> Path:
        """The recording's name with the form's suffix; where two would share it, each keeps its own suffix too."""
        short = one.within.with_suffix(self._suffix)
        return self._folder / (
            short if self._wanted[short] == 1 else one.within.with_name(one.within.name + self._suffix)
        )

    @contextlib.contextmanager
    def open(self, one: ListedRecording) -> Iterator[TextIO]:
        """A text file to be written; it is in its place once it was left without an error. Raises OutputError."""
        path = self.path(one)
        if path in self._made:
            raise UsageError(f"input {one.path}: another of this name is in {path} already; give the folder of both")
        part = path.with_name(f".{path.name}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
                yield file
            part.rename(path)
        except OSError as error:
            raise OutputError(
                f"--out {path}: cannot be written ({error.strerror}); make room or give another folder"
            ) from None
        finally:
            with contextlib.suppress(OSError):
                part.unlink()
        self._made.add(path)
