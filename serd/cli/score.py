"""`serd score FILE...`: what recordings sound like."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from serd.audio.recording import Recording
from serd.errors import OK, UsageError, escaped
from serd.events.activation import Activation
from serd.scoring.score import Score, make_pipeline, score_source

Form = Literal["text", "json", "csv"]


def run(files: list[str], model: str | None, form: Form, windows: bool, channel: int | Literal["mix"] = "mix") -> int:
    """Print one line a file, in their order. A file that cannot be read is named; the others are still scored.

    With `windows` each is printed as it comes, before its file's line; in JSON as part of it.
    """
    contract = make_pipeline(model).emotion.contract  # a bad model is one error, not one for each file
    labels, activated = contract.labels, contract.activation is not None
    if form == "csv":
        extent = ("start_s", "end_s") if windows else ("duration_s",)
        last = ("activation", "activation_confidence") if activated else ()
        header = ("file", *extent, "state", "reason", "label", "confidence", "speech", *labels, *last)
        csv.writer(sys.stdout, lineterminator="\n").writerow(header)
    failed = 0
    for file in _with_progress(files):
        pipeline = make_pipeline(model)
        source = Recording(Path(file), pipeline.sample_rate, paced=False, channel=channel)
        lines = _Writer(form, file, windows, labels, activated)
        try:
            lines.end(score_source(source, pipeline, segments=lines.segment, windows=lines.window))
        except UsageError as error:
            failed += 1
            lines.fail(error)
            print(f"serd: {error}", file=sys.stderr)
    return OK if not failed else UsageError.exit_code


def _with_progress(files: list[str]) -> Iterator[str]:
    """The files, with a bar for whoever sends the lines elsewhere; on a terminal they are progress enough."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    hidden = not console.is_terminal or sys.stdout.isatty()
    # Left to itself, rich takes standard output for its own and writes it to the bar's console.
    with Progress(*columns, console=console, disable=hidden, transient=True, redirect_stdout=False) as progress:
        total = progress.add_task("scoring", total=len(files))
        for file in files:
            progress.update(total, description=escaped(Path(file).name)[-32:])
            yield file
            progress.advance(total)


class _Writer:
    """Puts one file's score on standard output, and its windows as they come."""

    def __init__(self, form: Form, file: str, windows: bool, labels: tuple[str, ...], activated: bool) -> None:
        """`activated`: whether the model tells activation; then its columns come last."""
        self._form, self._file, self._windows, self._labels = form, file, windows, labels
        self._table = csv.writer(sys.stdout, lineterminator="\n")
        self._segments: list[dict[str, Any]] = []
        self._activation = ("value", "confidence") if activated else ()
        self._begun = False

    def segment(self, segment: dict[str, Any]) -> None:
        """Keep a segment for the file's JSON, the one form that has segments."""
        if self._form == "json":
            self._segments.append(segment)

    def window(self, window: dict[str, Any]) -> None:
        """Print a window, if windows are asked for."""
        if not self._windows:
            return
        if self._form == "json":
            sys.stdout.write((", " if self._begun else self._head) + json.dumps(window, allow_nan=False))
        elif self._form == "csv":
            self._table.writerow((csv_name(self._file), *window["window"].values(), *self._row(window)))
        else:
            _tell(f"  {window['window']['end_s']:8.2f} s", window)
        self._begun = True
        sys.stdout.flush()

    def end(self, score: Score) -> None:
        """Print the file's line."""
        named = {**vars(score), "segments": self._segments}
        del named["windows"]
        if self._form == "json" and self._windows:
            print(("" if self._begun else self._head) + "], " + json.dumps(named, allow_nan=False)[1:])
        elif self._form == "json":
            print(json.dumps({"file": self._file, **named}, allow_nan=False))
        elif self._form == "text":
            _tell(escaped(self._file), named)
        elif not self._windows:
            self._table.writerow((csv_name(self._file), score.duration_s, *self._row(named)))
        sys.stdout.flush()

    def fail(self, error: UsageError) -> None:
        """End a line that has begun, so that what was heard until then can be read."""
        if self._begun and self._form == "json":
            print(f'], "error": {json.dumps(str(error))}}}', flush=True)

    @property
    def _head(self) -> str:
        return f'{{"file": {json.dumps(self._file)}, "windows": ['

    def _row(self, score: dict[str, Any]) -> tuple[Any, ...]:
        chances = score["probabilities"] or dict.fromkeys(self._labels)
        named = (score["state"], score["reason"], score["label"], score["confidence"], score["speech"])
        activation = score["activation"] if self._activation else None
        last = ((activation or {}).get(part) for part in self._activation)
        return (*named, *(chances[label] for label in self._labels), *last)


def csv_name(name: str) -> str:
    """A file's name as in a table: escaped as on the screen, and with `\\\\` for a backslash, so that none is lost."""
    return escaped(name.replace("\\", "\\\\"))


def _tell(name: str, score: dict[str, Any]) -> None:
    likely = ""
    if score["probabilities"]:
        best = sorted(score["probabilities"].items(), key=lambda item: -item[1])[:3]
        likely = "  ".join(f"{label} {chance:.0%}" for label, chance in best)
    what = score["label"] if score["state"] == "emotion" else score["state"]
    if (activation := score.get("activation")) and (words := Activation.of(activation["value"]).words):
        what = f"{what}, {words}"
    print(f"{name}: {what} ({score['reason']})  {likely}".rstrip())
