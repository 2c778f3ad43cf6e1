"""The forms in which `serd score` puts a recording's score: text, JSON, a table, labels."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TextIO, get_args

from serd.errors import UsageError, escaped
from serd.events.activation import Activation
from serd.scoring.labels import LabelFormat, stretches, written

if TYPE_CHECKING:  # the flags do not wait for the networks
    from serd.inference.contract import Contract
    from serd.scoring.result import Score

Form = Literal["text", "json", "csv", LabelFormat]
FORMS: tuple[Form, ...] = get_args(Form)
SUFFIXES: dict[Form, str] = {
    "text": ".txt", "json": ".json", "csv": ".csv",
    "audacity": ".txt", "textgrid": ".TextGrid", "srt": ".srt", "rttm": ".rttm",
}  # fmt: skip
"""What a form's files are called."""


class Writer(Protocol):
    """Takes what is found in one recording, as it comes."""

    def segment(self, segment: dict[str, Any]) -> None:
        """Take a segment that has ended."""

    def window(self, window: dict[str, Any]) -> None:
        """Take a window."""

    def end(self, score: Score) -> None:
        """Write the recording's score: all has come."""

    def fail(self, error: UsageError) -> bool:
        """See to it that what was written can be read; whether there is anything."""


def writer(form: Form, file: str, windows: bool, contract: Contract, out: TextIO) -> Writer:
    """What writes the file's score to `out`; with `windows` each of them too, which the label formats do not have."""
    if form == "text":
        return Lines(file, windows, out)
    if form == "json":
        return _Json(file, windows, out)
    return Table((csv_name(file),), windows, contract, out) if form == "csv" else _Labels(form, file, out)


def header(windows: bool, contract: Contract, voices: bool = False) -> tuple[str, ...]:
    """The names of a table's columns; with `voices` there is one for the voice's name."""
    extent = ("start_s", "end_s") if windows else ("duration_s",)
    band = () if windows else ("band_limited",)
    last = ("activation", "activation_confidence") if contract.activation is not None else ()
    judged = ("state", "reason", "label", "likeliest", "confidence", "speech")
    return ("file", *(("voice",) if voices else ()), *extent, *judged, *band, *contract.labels, *last)


def csv_name(name: str) -> str:
    """A file's name as in a table: escaped as on the screen, and with `\\\\` for a backslash, so that none is lost."""
    return escaped(name.replace("\\", "\\\\"))


class Lines:
    """A line a recording, for people."""

    def __init__(self, file: str, windows: bool, out: TextIO) -> None:
        self._file, self._windows, self._out, self._begun = file, windows, out, False

    def segment(self, segment: dict[str, Any]) -> None:
        pass

    def window(self, window: dict[str, Any]) -> None:
        if self._windows:
            self._tell(f"  {window['window']['end_s']:8.2f} s", window)

    def end(self, score: Score) -> None:
        self._tell(escaped(self._file), vars(score))

    def fail(self, _: UsageError) -> bool:
        return self._begun

    def _tell(self, name: str, score: dict[str, Any]) -> None:
        likely = ""
        if score["probabilities"]:
            best = sorted(score["probabilities"].items(), key=lambda item: -item[1])[:3]
            likely = "  ".join(f"{label} {chance:.0%}" for label, chance in best)
        what = score["label"] if score["state"] == "emotion" else score["state"]
        if (activation := score.get("activation")) and (words := Activation.of(activation["value"]).words):
            what = f"{what}, {words}"
        band = ", telephone band" if score.get("band_limited") else ""
        print(f"{name}: {what} ({score['reason']}{band})  {likely}".rstrip(), file=self._out, flush=True)
        self._begun = True


class _Json:
    """One object a recording, on one line; its windows are written as they come."""

    def __init__(self, file: str, windows: bool, out: TextIO) -> None:
        self._windows, self._out, self._begun = windows, out, False
        self._segments: list[dict[str, Any]] = []
        self._head = f'{{"file": {json.dumps(file)}, '

    def segment(self, segment: dict[str, Any]) -> None:
        self._segments.append(segment)

    def window(self, window: dict[str, Any]) -> None:
        if self._windows:
            before = ", " if self._begun else f'{self._head}"windows": ['
            print(before + json.dumps(window, allow_nan=False), end="", file=self._out, flush=True)
            self._begun = True

    def end(self, score: Score) -> None:
        named = {**vars(score), "segments": self._segments}
        del named["windows"]
        before = self._head
        if self._windows:
            before = "], " if self._begun else f'{self._head}"windows": [], '
        print(before + json.dumps(named, allow_nan=False)[1:], file=self._out, flush=True)

    def fail(self, error: UsageError) -> bool:
        if self._begun:
            print(f'], "error": {json.dumps(str(error))}}}', file=self._out, flush=True)
        return self._begun


class Table:
    """Comma-separated values: a row a recording, or a row a window."""

    def __init__(self, names: tuple[str, ...], windows: bool, contract: Contract, out: TextIO) -> None:
        """`names`: what each row begins with."""
        self._names, self._windows, self._out, self._begun = names, windows, out, False
        self._labels, self._told = contract.labels, contract.activation is not None
        self._table = csv.writer(out, lineterminator="\n")

    def segment(self, segment: dict[str, Any]) -> None:
        pass

    def window(self, window: dict[str, Any]) -> None:
        if self._windows:
            self._put(window["window"].values(), window)

    def end(self, score: Score) -> None:
        if not self._windows:
            self._put((score.duration_s,), vars(score), (str(score.band_limited).lower(),))

    def fail(self, _: UsageError) -> bool:
        return self._begun

    def _put(self, extent: Any, score: dict[str, Any], band: tuple[str, ...] = ()) -> None:
        chances = score["probabilities"] or dict.fromkeys(self._labels)
        likeliest = max(chances, key=lambda label: chances[label] or 0) if score["probabilities"] else None
        label = score["label"] if score["state"] == "emotion" else None
        judged = (score["state"], score["reason"], label, likeliest, score["confidence"], score["speech"])
        activation = (score["activation"] or {}) if self._told else {}
        last = (activation.get("value"), activation.get("confidence")) if self._told else ()
        self._table.writerow(
            (*self._names, *extent, *judged, *band, *(chances[label] for label in self._labels), *last)
        )
        self._out.flush()
        self._begun = True


class _Labels:
    """A whole file of labels, from the segments."""

    def __init__(self, form: LabelFormat, file: str, out: TextIO) -> None:
        self._form, self._file, self._out = form, file, out
        self._segments: list[dict[str, Any]] = []

    def segment(self, segment: dict[str, Any]) -> None:
        self._segments.append(segment)

    def window(self, window: dict[str, Any]) -> None:
        pass

    def end(self, score: Score) -> None:
        labelled = stretches(self._segments, score.duration_s)
        print(written(self._form, labelled, score.duration_s, escaped(Path(self._file).stem)), end="", file=self._out)
        self._out.flush()

    def fail(self, _: UsageError) -> bool:
        return False


def show_header(windows: bool, contract: Contract, out: TextIO = sys.stdout, voices: bool = False) -> None:
    """Begin a table."""
    csv.writer(out, lineterminator="\n").writerow(header(windows, contract, voices))
