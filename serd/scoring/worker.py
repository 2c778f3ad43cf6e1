"""A worker: a process that hears one batch after the other, and ends when whoever started it has ended, however.

Started as `python -m serd.scoring.worker OUT SETTINGS`, with a batch a line on standard input and its `BatchResult` a
line on standard output, in JSON. The end of the input is the end of the process, in the middle of a batch too.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from serd.errors import SerdError
from serd.scoring.batch import Batch, BatchSettings
from serd.scoring.part import BatchResult, fail, hear
from serd.scoring.sounds import Sound
from serd.system import malloc, streams


class Worker:
    """Holds the model; hears batches into an archive's parts. Also what each of Ray's actors has."""

    def __init__(self, out: Path, settings: BatchSettings) -> None:
        """Raises ConfigError for a model that cannot be loaded."""
        import pyarrow as pa

        malloc.limit()
        pa.set_cpu_count(1)
        self._out, self._windows = out, settings.windows
        self._batch = Batch(**asdict(settings))

    def hear(self, number: int, sounds: Sequence[Sound], why: str | None) -> BatchResult:
        """Write the part of this number; with `why` the one sound is a failure and is not touched.

        Raises OutputError.
        """
        if why is not None:
            return fail(self._batch, sounds[0], why, self._out, number, windows=self._windows)
        with _warnings() as warned:
            done = hear(self._batch, sounds, self._out, number, windows=self._windows)
        return replace(done, warnings=tuple(warned))


@contextlib.contextmanager
def _warnings() -> Iterator[list[str]]:
    """What serd warns of meanwhile, which is for the one terminal that there is."""
    warned: list[str] = []
    logger, handler = logging.getLogger("serd"), logging.Handler(logging.WARNING)
    handler.emit = lambda record: warned.append(record.getMessage())  # type: ignore[method-assign]
    logger.addHandler(handler)
    before, logger.propagate = logger.propagate, False
    try:
        yield warned
    finally:
        logger.propagate = before
        logger.removeHandler(handler)


def encoded(number: int, sounds: Sequence[Sound], why: str | None) -> bytes:
    """A batch as its line."""
    return json.dumps([number, [[s.file, s.path, s.size] for s in sounds], why]).encode() + b"\n"


def main() -> None:
    """Serve standard input."""
    streams.take_over()
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            lines.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    try:
        worker = Worker(Path(sys.argv[1]), BatchSettings(**json.loads(sys.argv[2])))
        _answer({"ready": True})
        while True:
            number, sounds, why = json.loads(lines.get())
            _answer(asdict(worker.hear(number, [Sound(*sound) for sound in sounds], why)))
    except SerdError as error:
        _answer({"error": str(error), "code": error.exit_code})


def _answer(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
