"""A real serd that hears silence, to be muted and unmuted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.support.bridging import PATIENCE, ROOT


@contextlib.contextmanager
def serd_at_a_pipe(serd: str, endpoint: str, runtime: Path, *more: str) -> Iterator[None]:
    """A serd that hears silence, as it comes, from standard input; its sockets are in `runtime`."""
    runtime.mkdir(mode=0o700, exist_ok=True)
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "XDG_STATE_HOME": str(runtime / "state")}
    command = [serd, "--headless", "--input", "-", "--publish", endpoint, "--source", "room1", *more]
    over = threading.Event()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=ROOT
    ) as process:

        def feed() -> None:
            assert process.stdin is not None
            with contextlib.suppress(OSError):
                while not over.wait(0.1):
                    process.stdin.write(bytes(3200))
                    process.stdin.flush()

        thread = threading.Thread(target=feed, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(PATIENCE)
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)
