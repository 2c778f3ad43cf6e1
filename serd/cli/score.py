"""`serd score FILE|FOLDER|-...`: what recordings sound like."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from serd.audio.pcm import Layout
from serd.audio.pipe import Pipe
from serd.audio.source import Source
from serd.cli.score_files import Files
from serd.cli.score_forms import Form, show_header, writer
from serd.config.settings import Settings
from serd.errors import OK, UsageError, escaped
from serd.inference.pipeline import Pipeline
from serd.scoring.recordings import ListedRecording, gather, source
from serd.scoring.score import make_pipeline, score_source
from serd.system.paths import at_home

STDIN = "-"
"""What standard input is called."""

PER_FILE: tuple[Form, ...] = ("audacity", "textgrid", "srt")
"""Forms of which a file is about one recording."""

log = logging.getLogger(__name__)


def run(names: Sequence[str], settings: Settings, form: Form, windows: bool, out: str | None = None) -> int:
    """Print one line a recording, in their order. One that cannot be read is named; the others are still scored.

    `names` are files, folders, and `-` for standard input. With `windows` each is printed as it comes, before its
    file's line; in JSON as part of it. With `out` each recording has a file below that folder, whose path is printed.
    """
    if windows and form not in ("text", "json", "csv"):
        raise UsageError(f"--windows: {form} has segments alone; leave it out, or give --format json or csv")
    if names.count(STDIN) > 1:
        raise UsageError("input -: given twice; there is one standard input")
    work = _Work(settings, form, windows)
    listed = list(_listed(names))
    recordings = [one for one in listed if isinstance(one, ListedRecording)]
    if form in PER_FILE and out is None and len(recordings) > 1:
        raise UsageError(f"--format {form}: describes one recording, and here are {len(recordings)}; add --out FOLDER")
    files = None if out is None else Files(Path(at_home(out)), recordings, form)
    if files is None:
        work.begin(sys.stdout)
    failed = 0
    for one in _with_progress(listed):
        try:
            if isinstance(one, UsageError):
                raise one
            work.score(one, files)
        except UsageError as error:
            failed += 1
            print(f"serd: {error}", file=sys.stderr)
    if work.limited:
        which = f"input {work.limited[0]}" if len(work.limited) == 1 else f"{len(work.limited)} recordings"
        log.warning("%s: nothing above 4 kHz, as over a telephone; serd is right less often there", which)
    return OK if not failed else UsageError.exit_code


def _listed(names: Sequence[str]) -> Iterator[ListedRecording | UsageError]:
    for name in names:
        if name == STDIN:
            yield ListedRecording(Path(name), Path("stdin"))
        else:
            yield from gather([name])


class _Work:
    """Scores one recording after the other, all alike."""

    def __init__(self, settings: Settings, form: Form, windows: bool) -> None:
        """A bad model is one error here, not one for each recording. Raises ConfigError."""
        self._settings, self._form, self._windows = settings, form, windows
        self._contract = self._pipeline().emotion.contract
        self.limited: list[Path] = []
        """What holds no more than a telephone's band."""

    def begin(self, out: TextIO) -> None:
        """Write what comes before the first recording."""
        if self._form == "csv":
            show_header(self._windows, self._contract, out)

    def score(self, one: ListedRecording, files: Files | None) -> None:
        """Write one recording's score. Raises UsageError where it cannot be heard, OutputError."""
        if files is None:
            self._write(one, sys.stdout)
            return
        fault: UsageError | None = None
        with files.open(one) as out:
            self.begin(out)
            fault = self._write(one, out, keep=True)
        print(escaped(str(files.path(one))), flush=True)
        if fault is not None:
            raise fault

    def _write(self, one: ListedRecording, out: TextIO, keep: bool = False) -> UsageError | None:
        """The fault that a recording ended with, if what came before it is to be kept; else it is raised."""
        pipeline = self._pipeline()
        lines = writer(self._form, str(one.path), self._windows, self._contract, out)
        source = self._source(one.path, pipeline.sample_rate)
        try:
            score = score_source(source, pipeline, segments=lines.segment, windows=lines.window)
        except UsageError as error:
            if lines.fail(error) and keep:
                return error
            raise
        lines.end(score)
        if score.band_limited:
            self.limited.append(one.path)
        return None

    def _pipeline(self) -> Pipeline:
        model = self._settings.model
        return make_pipeline(model.name, model.stride_s, self._settings.decision)

    def _source(self, path: Path, rate: int) -> Source:
        capture = self._settings.capture
        if str(path) != STDIN:
            return source(path, rate, capture.channel)
        layout = Layout(capture.rate, capture.channels, capture.format)
        return Pipe(sys.stdin.buffer, rate, capture.channel, layout)


def _with_progress(listed: Sequence[ListedRecording | UsageError]) -> Iterator[ListedRecording | UsageError]:
    """The recordings, with a bar for whoever sends the lines elsewhere; on a terminal they are progress enough."""
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
        total = progress.add_task("scoring", total=len(listed))
        for one in listed:
            name = one.path.name if isinstance(one, ListedRecording) else ""
            progress.update(total, description=escaped(name)[-32:])
            yield one
            progress.advance(total)
