"""`serd score FILE|FOLDER|-...`: what recordings sound like."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from serd.audio.pcm import Layout
from serd.audio.pipe import Pipe
from serd.audio.source import Source
from serd.audio.split import Channel
from serd.cli.score_files import Files
from serd.cli.score_forms import Form, show_header, writer
from serd.cli.score_voices import write_voices
from serd.config.settings import Settings
from serd.errors import OK, UsageError, escaped
from serd.inference.pipeline import Pipeline
from serd.inference.profile import Profile
from serd.scoring.recordings import ListedRecording, gather, source
from serd.scoring.score import make_pipeline, score_source
from serd.scoring.voices import score_voices
from serd.system.paths import at_home

STDIN = "-"
"""What standard input is called."""

PER_FILE: tuple[Form, ...] = ("audacity", "textgrid", "srt")
"""Forms of which a file is about one recording."""

log = logging.getLogger(__name__)


def run(
    names: Sequence[str],
    settings: Settings,
    form: Form,
    windows: bool,
    out: str | None = None,
    *,
    profiles: Mapping[str | None, Profile] | None = None,
) -> int:
    """Print one line a recording, in their order. One that cannot be read is named; the others are still scored.

    `names` are files, folders, and `-` for standard input. With `windows` each is printed as it comes, before its
    file's line; in JSON as part of it. With `out` each recording has a file below that folder, whose path is printed.
    `profiles` are of who speaks in all of them, by the voices' names, None being a recording as a whole.
    """
    if windows and form not in ("text", "json", "csv"):
        raise UsageError(f"--windows: {form} has segments alone; leave it out, or give --format json or csv")
    if names.count(STDIN) > 1:
        raise UsageError("input -: given twice; there is one standard input")
    work = _Work(settings, form, windows, profiles or {})
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

    def __init__(self, settings: Settings, form: Form, windows: bool, profiles: Mapping[str | None, Profile]) -> None:
        """A bad model is one error here, not one for each recording. Raises ConfigError."""
        self._settings, self._form, self._windows, self._profiles = settings, form, windows, profiles
        self._voices = settings.capture.split
        if device := next((voice.device for voice in self._voices if voice.device), None):
            raise UsageError(f"--voice: @{escaped(device)} belongs to devices, and a recording is scored; leave it out")
        self._contract = self._pipeline().emotion.contract
        self.limited: list[Path] = []
        """What holds no more than a telephone's band."""

    def begin(self, out: TextIO) -> None:
        """Write what comes before the first recording."""
        if self._form == "csv":
            show_header(self._windows, self._contract, out, bool(self._voices))

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
        if self._voices:
            self._write_voices(one, out, pipeline.sample_rate)
            return None
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

    def _write_voices(self, one: ListedRecording, out: TextIO, rate: int) -> None:
        """All voices of a recording, in one reading: a fault leaves nothing of it."""
        names, drop = [voice.name for voice in self._voices], self._settings.capture.crosstalk == "drop"
        pipelines = [self._pipeline(voice.name) for voice in self._voices]
        found = score_voices(self._source(one.path, rate), names, pipelines, windows=self._windows, drop=drop)
        scores = dict(zip(self._voices, found, strict=True))
        write_voices(self._form, str(one.path), scores, windows=self._windows, contract=self._contract, out=out)
        if any(score.band_limited for score in found):
            self.limited.append(one.path)

    def _pipeline(self, voice: str | None = None) -> Pipeline:
        model = self._settings.model
        return make_pipeline(model.name, model.stride_s, self._settings.decision, profile=self._profiles.get(voice))

    def _source(self, path: Path, rate: int) -> Source:
        capture = self._settings.capture
        channel: Channel = tuple(voice.channel for voice in self._voices) or capture.channel
        if str(path) != STDIN:
            return source(path, rate, channel)
        layout = Layout(capture.rate, capture.channels, capture.format)
        return Pipe(sys.stdin.buffer, rate, channel, layout, command=f"serd score {STDIN}")


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
