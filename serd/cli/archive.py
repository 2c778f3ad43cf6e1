"""`serd archive DIR...`: what all recordings below some folders sound like, as tables."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from serd.cli.flags import resolve
from serd.cli.reference import profile_path
from serd.errors import OK, UsageError, escaped
from serd.scoring.archiving import ArchiveTask, BatchDone, Inventory, archive
from serd.scoring.batch import BatchSettings
from serd.system.paths import at_home

TOLD_S = 10.0
"""How often a line says how far it has come, where no terminal shows it all the time."""
MOST_JOBS = 1024

Told = Callable[[str | None], None]
"""Takes a line for a person, or None where there is only the course to be looked at."""


def run(args: argparse.Namespace) -> int:
    """Archive, and say on standard error how far it has come. Files that cannot be heard are a table, no fault."""
    if args.jobs is not None and not 1 <= args.jobs <= MOST_JOBS:
        raise UsageError(f"--jobs {args.jobs}: give 1 to {MOST_JOBS}")
    settings = resolve(args).settings
    folders = tuple(Path(at_home(folder)) for folder in args.folders)
    out = Path(at_home(args.out))
    profile = profile_path(args.person, args.reference)
    scored = BatchSettings(
        settings.model.name,
        settings.capture.channel,
        args.windows,
        str(profile) if profile else None,
        settings.model.stride_s,
        dict(settings.decision),
    )
    wanted = ArchiveTask(folders, out, scored, args.jobs, args.ray)
    course = _Course()
    with _shown(course) as tell, contextlib.closing(archive(wanted)) as events:
        for event in events:
            if isinstance(event, Inventory):
                course.begin(event)
            else:
                course.add(event)
                for warning in event.done.warnings:
                    tell(f"serd: WARNING: {escaped(warning)}")
            tell(None)
    print(f"{course.summary()}; the tables are in {escaped(str(out))}")
    return OK


class _Course:
    """How far a run has come."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.files = self.failed = self.before = self.total = 0
        self.size = self.left = 0
        self.seconds = 0.0

    def begin(self, began: Inventory) -> None:
        self.total, self.before = began.all.files, began.done.files
        self.left = began.all.size - began.done.size

    def add(self, heard: BatchDone) -> None:
        self.files += heard.done.heard + len(heard.done.failures)
        self.failed += len(heard.done.failures)
        self.seconds += heard.done.seconds
        self.size += heard.size

    @property
    def rate(self) -> float:
        """Seconds of sound a second."""
        return self.seconds / max(time.monotonic() - self.began, 1e-3)

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest will take, by its bytes; None where that cannot be told yet."""
        return (time.monotonic() - self.began) * (self.left - self.size) / self.size if self.size else None

    def line(self) -> str:
        left = "" if self.left_s is None else f", {_duration(self.left_s)} left"
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.before + self.files} of {self.total} files{failed}, {self.rate:.0f} x real time{left}"

    def summary(self) -> str:
        if not self.files:
            return f"nothing to do: all {self.total} files were done before"
        took = time.monotonic() - self.began
        before = f", {self.before} were done before" if self.before else ""
        failed = f", {self.failed} could not be heard (failures.csv)" if self.failed else ""
        heard = f"{self.files - self.failed} files heard{failed}{before}"
        return f"{heard}: {_duration(self.seconds)} of sound in {_duration(took)}, {self.rate:.0f} x real time"


@contextlib.contextmanager
def _shown(course: _Course) -> Iterator[Told]:
    """A bar on a terminal, elsewhere a line now and then."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _lines(course)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn())
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as progress:
        task = progress.add_task("looking for sound files", total=None)

        def told(line: str | None) -> None:
            if line is not None:
                progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
            progress.update(task, description=course.line(), total=course.left, completed=course.size)

        yield told


def _lines(course: _Course) -> Told:
    last = time.monotonic()

    def told(line: str | None) -> None:
        nonlocal last
        if line is not None:
            print(line, file=sys.stderr)
        elif time.monotonic() - last > TOLD_S:
            last = time.monotonic()
            print(f"serd: {course.line()}", file=sys.stderr)

    return told


def _duration(seconds: float) -> str:
    """`12.3 s`, `5 min` or `3.4 h`."""
    if seconds < 90:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
