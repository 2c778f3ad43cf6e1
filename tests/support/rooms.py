"""Real serds, each in a process of its own, that play the demonstration as if they listened in several rooms."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from serd.events.subscribe import subscribe

PATIENCE = 60.0
"""Seconds that a serd has to start."""


@contextlib.contextmanager
def listening(folder: Path, names: Sequence[str]) -> Iterator[list[str]]:
    """One serd a name, which is its source's, all heard of; their endpoints below the folder."""
    folders = {name: str(folder) for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME")}
    endpoints = [f"ipc://{folder}/{name}" for name in names]
    with contextlib.ExitStack() as stack:
        for name, endpoint in zip(names, endpoints, strict=True):
            command = [sys.executable, "-m", "serd", "--demo", "--headless", "--model", "serd-tiny"]
            process = stack.enter_context(
                subprocess.Popen(
                    [*command, "--source", name, "--publish", endpoint],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **folders},
                )
            )  # fmt: skip
            stack.callback(process.terminate)
        for endpoint in endpoints:
            with subscribe(endpoint, timeout=PATIENCE) as events:
                next(events)
        yield endpoints
