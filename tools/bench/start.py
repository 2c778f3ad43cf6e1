"""How long serd takes to start: `serd --version`, and to the first frame at a subscriber."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from serd.events.subscribe import subscribe
from tools.bench.route import Spread
from tools.checkout import ROOT


def version(runs: int) -> Spread:
    """Seconds by the clock."""
    took = []
    for _ in range(runs):
        began = time.monotonic()
        subprocess.run([sys.executable, "-m", "serd", "--version"], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        took.append(time.monotonic() - began)
    return Spread.of(took)


def first_frame(path: Path, model: str) -> float:
    """Seconds by the clock to the first frame of a recording that is heard in real time: its first stride, 0.25 s, and
    the wait for the subscriber are in it."""
    with tempfile.TemporaryDirectory() as folder:
        endpoint = f"ipc://{folder}/events"
        with subscribe(endpoint, kinds=("frame",), timeout=30) as events:
            began = time.monotonic()
            command = [sys.executable, "-m", "serd", "--input", str(path), "--model", model, "--publish", endpoint]
            daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT)
            try:
                next(iter(events))
                return time.monotonic() - began
            finally:
                daemon.send_signal(signal.SIGTERM)
                daemon.wait(10)
