"""Workers: processes that hear batches side by side; one that dies is replaced, and what it had is heard anew."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Self

from serd.errors import CONFIG, OUTPUT, ConfigError, OutputError, RestartError
from serd.scoring.archive import Archive
from serd.scoring.batch import BatchSettings
from serd.scoring.part import BatchResult
from serd.scoring.sounds import Sound
from serd.scoring.worker import encoded

DEATHS = 3
"""Deaths of the worker that hears it, alone or with others, after which a file is a failure."""


@dataclass(frozen=True, slots=True)
class Job:
    """Files that are heard together."""

    sounds: tuple[Sound, ...]
    deaths: int = 0
    """Workers that died of it."""
    why: str | None = None
    """Why its one file is not heard any more."""


class Workers:
    """Processes that score, while it is entered; all have ended when it is left, and would with this process."""

    def __init__(self, count: int | None, settings: BatchSettings, archive: Archive) -> None:
        self._command = (sys.executable, "-m", "serd.scoring.worker", str(archive.out), json.dumps(asdict(settings)))
        self.count = count or _cores()
        self._archive = archive
        self._selector = selectors.DefaultSelector()
        self._all: list[_Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for worker in self._all:
            worker.end()
        self._selector.close()

    def run(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, BatchResult]]:
        """Have all jobs done; each as it is done, or its files one by one.

        Raises OutputError, ConfigError; RestartError where workers cannot be started.
        """
        again: deque[Job] = deque()
        for _ in range(self.count):
            self._give(again, jobs)
        while self._all:
            for key, _ in self._selector.select():
                worker: _Process = key.data
                line = worker.process.stdout.readline() if worker.process.stdout else b""
                if not line.endswith(b"\n"):
                    yield from self._buried(worker, again)
                    for _ in range(self.count - len(self._all)):
                        self._give(again, jobs)
                    continue
                answer = json.loads(line)
                if "error" in answer:
                    raise {OUTPUT: OutputError, CONFIG: ConfigError}.get(answer["code"], RestartError)(answer["error"])
                if not worker.ready:
                    worker.ready = True
                    continue
                yield worker.job, BatchResult(**answer)
                self._give(again, jobs, worker)

    def _give(self, again: deque[Job], jobs: Iterator[Job], worker: _Process | None = None) -> None:
        """The next job, to a worker or a new one; a worker without a job ends."""
        job = again.popleft() if again else next(jobs, None)
        if job is None:
            if worker:
                self._remove(worker)
            return
        if worker is None:
            worker = _Process(self._command, job)
            self._all.append(worker)
            assert worker.process.stdout is not None
            self._selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        worker.take(job, self._archive.number())

    def _buried(self, worker: _Process, again: deque[Job]) -> Iterator[tuple[Job, BatchResult]]:
        """A worker has died: what it has done all the same, or its files for others, one by one."""
        code = self._remove(worker)
        if not worker.ready:
            raise RestartError(f"archive: a worker has ended while it started ({_how(code)})")
        job, number = worker.job, worker.number
        if self._archive.committed(number):
            yield job, self._archive.told(number)
            return
        self._archive.discard(number)
        deaths = job.deaths + 1
        if deaths < DEATHS:
            again.extend(Job((sound,), deaths) for sound in job.sounds)
        else:
            why = f"the process that heard it has died {deaths} times ({_how(code)}); convert it anew"
            again.append(Job(job.sounds, deaths, why))

    def _remove(self, worker: _Process) -> int:
        self._selector.unregister(worker.process.stdout)  # type: ignore[arg-type]
        self._all.remove(worker)
        return worker.end()


class _Process:
    """One worker and the job it is at."""

    def __init__(self, command: tuple[str, ...], job: Job) -> None:
        # A group of its own: Ctrl-C is for this process, whose end is the worker's.
        # Without buffers, in which a second answer could wait unseen.
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, process_group=0
        )
        self.ready = False
        self.job, self.number = job, 0

    def take(self, job: Job, number: int) -> None:
        """Begin with a job."""
        self.job, self.number = job, number
        assert self.process.stdin is not None
        left = memoryview(encoded(number, job.sounds, job.why))
        with contextlib.suppress(BrokenPipeError):  # it has died, as the end of its output will tell
            while left:
                left = left[self.process.stdin.write(left) or 0 :]

    def end(self) -> int:
        """End it wherever it is; its exit code."""
        self.process.kill()
        code = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        return code


def _how(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
