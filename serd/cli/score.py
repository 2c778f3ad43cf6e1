"""`serd score FILE...`: what recordings sound like."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from serd.audio.recording import Recording
from serd.errors import OK, UsageError
from serd.events.activation import Activation
from serd.scoring.score import make_pipeline, score_source

Form = Literal["text", "json", "csv"]


def run(files: list[str], model: str | None, form: Form, windows: bool) -> int:
    """Print one line a file, in their order. A file that cannot be read is named; the others are still scored."""
    emotion = make_pipeline(model).emotion  # a bad model is one error, not one for each file
    lines = _Writer(form, windows, emotion.contract.labels, emotion.contract.activation is not None)
    failed = 0
    for file, outcome in _scored(files, model):
        if isinstance(outcome, UsageError):
            failed += 1
            print(f"serd: {outcome}", file=sys.stderr)
        else:
            lines.write(file, outcome)
    return OK if not failed else UsageError.exit_code


def _scored(files: Iterable[str], model: str | None) -> Iterator[tuple[str, dict[str, Any] | UsageError]]:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        total = progress.add_task("scoring", total=len(list(files)))
        for file in files:
            progress.update(total, description=Path(file).name[-32:])
            pipeline = make_pipeline(model)
            source = Recording(Path(file), pipeline.sample_rate, paced=False, channel="mix")
            try:
                yield file, asdict(score_source(source, pipeline))
            except UsageError as error:
                yield file, error
            progress.advance(total)


class _Writer:
    """Puts scores on standard output, each as soon as it is there."""

    def __init__(self, form: Form, windows: bool, labels: tuple[str, ...], activation: bool) -> None:
        """`activation`: whether the model tells it; then its columns come last."""
        self._form, self._windows, self._labels = form, windows, labels
        self._activation = ("value", "confidence") if activation else ()
        self._table = csv.writer(sys.stdout, lineterminator="\n")
        if form == "csv":
            extent = ("start_s", "end_s") if windows else ("duration_s",)
            last = ("activation", "activation_confidence") if activation else ()
            self._table.writerow(("file", *extent, "state", "reason", "label", "confidence", "speech", *labels, *last))

    def write(self, file: str, score: dict[str, Any]) -> None:
        if self._form == "json":
            if not self._windows:
                del score["windows"]
            print(json.dumps({"file": file, **score}, allow_nan=False))
        elif self._form == "csv":
            for row in score["windows"] if self._windows else [score]:
                extent = row["window"].values() if self._windows else (score["duration_s"],)
                self._table.writerow((file, *extent, *self._row(row)))
        else:
            self._tell(file, score)
            for window in score["windows"] if self._windows else ():
                self._tell(f"  {window['window']['end_s']:8.2f} s", window)
        sys.stdout.flush()

    def _row(self, score: dict[str, Any]) -> tuple[Any, ...]:
        chances = score["probabilities"] or dict.fromkeys(self._labels)
        named = (score["state"], score["reason"], score["label"], score["confidence"], score["speech"])
        activation = score["activation"] if self._activation else None
        last = ((activation or {}).get(part) for part in self._activation)
        return (*named, *(chances[label] for label in self._labels), *last)

    @staticmethod
    def _tell(name: str, score: dict[str, Any]) -> None:
        likely = ""
        if score["probabilities"]:
            best = sorted(score["probabilities"].items(), key=lambda item: -item[1])[:3]
            likely = "  ".join(f"{label} {chance:.0%}" for label, chance in best)
        what = score["label"] if score["state"] == "emotion" else score["state"]
        if (activation := score.get("activation")) and (words := Activation.of(activation["value"]).words):
            what = f"{what}, {words}"
        print(f"{name}: {what} ({score['reason']})  {likely}".rstrip())
