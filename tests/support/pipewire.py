"""A private PipeWire with WirePlumber and pipewire-pulse: the sound server of most laptops, without a sound card."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.soundserver import SoundServer, missing

PROGRAMS = ("pipewire", "wireplumber", "pipewire-pulse", "dbus-run-session")
SCRIPT = """
pipewire & while [ ! -S "$XDG_RUNTIME_DIR/pipewire-0" ]; do sleep 0.05; done
wireplumber & exec pipewire-pulse
"""


class PipeWire(SoundServer):
    """Its processes, in a group of their own. It is reached as PulseAudio is, at another socket."""

    def __init__(self) -> None:
        super().__init__()
        self.env["PULSE_SERVER"] = f"unix:{self.home}/run/pulse/native"

    def start(self) -> None:
        """Start, and wait until it answers and WirePlumber has chosen defaults."""
        with (self.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["dbus-run-session", "--", "sh", "-c", SCRIPT], env=self.env, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, start_new_session=True,
            )  # fmt: skip
        until = time.monotonic() + 30
        while "auto_null" not in self._info():
            if self._process.poll() is not None or time.monotonic() > until:
                text = (self.home / "server.log").read_text(errors="replace")
                self.close()
                raise RuntimeError(f"PipeWire does not start: {text[-2000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """All of it at once."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        shutil.rmtree(Path(self.env["XDG_RUNTIME_DIR"]) / "pulse", ignore_errors=True)

    def _info(self) -> str:
        return subprocess.run(["pactl", "info"], env=self.env, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def pipewire() -> Iterator[PipeWire]:
    """A PipeWire of the test's own."""
    lacking = [program for program in PROGRAMS if not shutil.which(program)]
    if reason := missing() or (f"no {', '.join(lacking)} here; script/test installs it" if lacking else ""):
        pytest.skip(reason)
    server = PipeWire()
    try:
        server.start()
        yield server
    finally:
        server.close()
