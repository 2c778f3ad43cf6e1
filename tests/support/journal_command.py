"""`serd journal` as a user types it, on a calendar of the test's own (libfaketime), beside a serd that plays scenes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PATIENCE_S = 90.0
Done = subprocess.CompletedProcess[str]


def faketime() -> str | None:
    """Path of the library, if it is here."""
    return next((str(path) for path in Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


class Desk:
    """A store in a folder, and the command; `travel` sets the date that the command sees."""

    def __init__(self, serd: str, folder: Path) -> None:
        self.serd, self.folder, self.store = serd, folder, folder / "store"
        self.endpoint = f"ipc://{folder}/events"
        self._offset = folder / "offset"
        self._offset.write_text("+0\n")
        self.env = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state"),
                    "XDG_RUNTIME_DIR": str(folder), "TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"}  # fmt: skip
        self._started: list[subprocess.Popen[str]] = []

    def travel(self, when: datetime) -> None:
        """Let the command see this date; a recorder that runs sees its clock jump. Skips where it cannot be faked."""
        library = faketime()
        if library is None:
            import pytest

            pytest.skip("no libfaketime here; script/test installs it")
        seconds = round((when - datetime.now(UTC)).total_seconds())
        self._offset.write_text(f"{seconds:+d}\n")
        self.env |= {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self._offset), "FAKETIME_NO_CACHE": "1",
                     "DONT_FAKE_MONOTONIC": "1"}  # fmt: skip

    def command(self, *arguments: str | Path) -> list[str]:
        return [self.serd, "journal", *map(str, arguments), "--store", str(self.store)]

    def __call__(self, *arguments: str | Path, code: int = 0) -> Done:
        """Run it to its end, and see its exit code."""
        done = subprocess.run(
            self.command(*arguments), env=self.env, cwd=self.folder, capture_output=True, text=True, timeout=300,
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def ask(self, *arguments: str | Path) -> Any:
        """What it answers in JSON."""
        return json.loads(self(*arguments, "--json").stdout.splitlines()[-1])

    def agree(self, person: str = "P-1", until: str = "2099-01-01", **more: str) -> None:
        flags = [part for name, value in more.items() for part in (f"--{name}", value)]
        self("consent", person, "--purpose", "a test", "--until", until, "--by", "self", "--yes", *flags)

    def start(self, person: str = "P-1", *more: str, wrap: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        """A recorder that has begun."""
        process = subprocess.Popen(
            [*wrap, *self.command("start", "--person", person, "--endpoint", self.endpoint, "--json", *more)],
            env=self.env, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._started.append(process)
        assert process.stdout is not None
        assert '"began": true' in process.stdout.readline(), process.stderr and process.stderr.read()
        return process

    def play(self, scene: Path, *more: str, fast: bool = True) -> subprocess.Popen[str]:
        """A serd that publishes a scene once somebody has subscribed."""
        plain = {name: value for name, value in self.env.items() if not name.startswith(("FAKETIME", "LD_PRELOAD"))}
        arguments = ["--input", str(scene), "--headless", "--publish", self.endpoint, "--wait-subscribers", "1",
                     *more]  # fmt: skip
        process = subprocess.Popen(
            [self.serd, *arguments, *(["--fast"] if fast else [])], env=plain, cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self._started.append(process)
        return process

    def record(self, scene: Path, person: str = "P-1", *more: str) -> Any:
        """A whole session of a scene, played as fast as it goes; what `start` answers at its end."""
        recorder = self.start(person, *more)
        player = self.play(scene)
        assert player.wait(PATIENCE_S) == 0, player.stderr and player.stderr.read()
        self("stop", person)
        out, _ = recorder.communicate(timeout=PATIENCE_S)
        return json.loads(out.splitlines()[-1])

    def kill(self, process: subprocess.Popen[str], number: signal.Signals = signal.SIGKILL) -> int:
        """End a process that was started here."""
        process.send_signal(number)
        return process.wait(PATIENCE_S)

    def close(self) -> None:
        """Leave nothing running."""
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()


def until(done: Callable[[], object]) -> Any:
    """Wait for something to be so."""
    end = time.monotonic() + PATIENCE_S
    while not (found := done()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.1)
    return found
