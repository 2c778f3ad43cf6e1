"""A cluster: Ray Data's actors hear an archive's batches into parts, in a folder that all of its nodes see.

A batch that Ray gives to another actor, since the first was lost, has the same number: its part is there already or is
put in its place then, once. What Ray hands about are names and counts, never sound.
"""

from __future__ import annotations

import importlib
import json
import logging
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from serd.errors import CONFIG, OUTPUT, ConfigError, OutputError, RestartError, SerdError, UsageError, brings
from serd.scoring.archive import Archive
from serd.scoring.batch import BatchSettings
from serd.scoring.part import BatchResult
from serd.scoring.sounds import Sound
from serd.scoring.worker import Worker, encoded
from serd.scoring.workers import Job

BLOCKS = 10_000
"""Blocks of batches that Ray Data is handed at most."""


class Actor:
    """What Ray starts on the nodes; loads the model once."""

    def __init__(self, out: Path, settings: BatchSettings) -> None:
        self._out, self._settings = out, settings
        self._worker: Worker | None = None

    def __call__(self, batch: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
        """Hear the batches of the column `job`: what each came to, in JSON."""
        return {"done": [self._done(line) for line in batch["job"]]}

    def _done(self, line: bytes) -> str:
        number, sounds, why = json.loads(line)
        store = Archive(self._out)
        try:
            if store.committed(number):  # by an actor that was lost before it could say so
                return json.dumps(asdict(store.told(number)))
            self._worker = self._worker or Worker(self._out, self._settings)
            return json.dumps(asdict(self._worker.hear(number, [Sound(*sound) for sound in sounds], why)))
        except SerdError as error:
            return json.dumps({"error": str(error), "code": error.exit_code})


class Cluster:
    """A Ray cluster, connected to while it is entered."""

    def __init__(self, address: str, count: int | None, settings: BatchSettings, archive: Archive) -> None:
        """`address` is Ray's: HOST:PORT, `auto`, or `local` for one of its own; `count` actors, None: one a core."""
        self._address, self._settings, self._archive = address, settings, archive
        self.count = count or 0

    def __enter__(self) -> Self:
        ray = _ray("ray")
        try:
            self._reach()
            ray.init(self._address, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, ValueError, RuntimeError) as error:
            why = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise UsageError(f"--ray {self._address}: no cluster can be reached there ({why}); start one") from None
        self.count = self.count or max(1, int(ray.cluster_resources().get("CPU", 1)))
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        _ray("ray").shutdown()

    def _reach(self) -> None:
        """Raises OSError or ValueError where nobody listens at HOST:PORT: Ray itself would try for minutes."""
        host, _, port = self._address.removeprefix("ray://").rpartition(":")
        if host:
            socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()

    def run(self, jobs: Iterator[Job]) -> Iterator[tuple[Job, BatchResult]]:
        """Have all jobs done; each as it is done. Raises OutputError, ConfigError, RestartError."""
        data = _ray("ray.data")
        numbered = {self._archive.number(): job for job in jobs}
        lines = [{"job": encoded(number, job.sounds, job.why)} for number, job in numbered.items()]
        context = data.DataContext.get_current()
        context.enable_progress_bars = False
        done = data.from_items(lines, override_num_blocks=min(len(lines), BLOCKS)).map_batches(
            Actor,
            fn_constructor_args=(self._archive.out.resolve(), self._settings),
            batch_size=1,
            concurrency=(1, self.count),
            num_cpus=1,
        )
        try:
            for row in done.iter_rows():
                answer = json.loads(row["done"])
                if "error" in answer:
                    raise {OUTPUT: OutputError, CONFIG: ConfigError}.get(answer["code"], RestartError)(answer["error"])
                yield numbered[answer["number"]], BatchResult(**answer)
        except _ray("ray.exceptions").RayError as error:
            why = str(error).strip().splitlines()[-1]
            raise RestartError(
                f"--ray {self._address}: {why}; what is done stays, go on with the same command"
            ) from None


def _ray(module: str) -> Any:
    """Ray's module of this name. Raises UsageError where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise UsageError(f"--ray: needs Ray Data; {brings('ray')}") from None
