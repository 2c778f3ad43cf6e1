"""Row 42: few descriptors. ZeroMQ ended the process, and PortAudio was told to be missing."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from serd.system.descriptors import FEW, MANY
from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO

COMMANDS = {
    "listen": ["--demo", "--fast"],
    "-l": ["-l"],
    "doctor": ["doctor"],
    "score": ["score", str(DEMO)],
    "tail": ["tail", "ipc:///tmp/serd-none", "--timeout", "0.2"],
    "mute": ["mute"],
    "--version": ["--version"],
}


def limited(soft: int, hard: int | None = None) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard or soft))


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("limit", [12, 20, 28])
def test_the_limit_is_named_or_it_suffices(run, tmp_path: Path, name: str, limit: int):
    private = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path), "PULSE_SERVER": f"unix:{tmp_path}/none"}
    done = run(*COMMANDS[name], env=private, stdin=subprocess.DEVNULL, preexec_fn=limited(limit))
    if done.returncode == 78:
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"serd: open files: the limit is {limit} (ulimit -n)")
        assert done.stdout == ""
    else:
        assert limit > FEW or name == "--version", "or it cannot have counted"
        assert name not in ("listen", "-l", "doctor")
        free = run(*COMMANDS[name], env=private, stdin=subprocess.DEVNULL)
        assert (done.returncode, done.stdout, done.stderr) == (free.returncode, free.stdout, free.stderr)


def test_a_soft_limit_is_raised(run):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert run("--demo", "--fast", preexec_fn=limited(16, hard)).returncode == 0


def test_as_many_as_are_asked_for_are_enough(serd: str, sound_server: SoundServer, tmp_path: Path, measured):
    """The daemon with a microphone under the very limit, and a subscriber: it hears, loses nothing and ends."""
    command = tmp_path / "limited"
    command.write_text(f'#!/bin/sh\nulimit -n {MANY + 4}\nexec {serd} "$@"\n')  # the standard streams, stderr twice
    command.chmod(0o755)
    with in_the_field(str(command), env=sound_server.env) as field:
        field.state("listening")
        field.frame()
        sound_server.kill()
        field.state("lost")
        sound_server.start()
        field.until(lambda: field.states()[-1] == "listening")
        assert len(list(Path(f"/proc/{field.process.pid}/fd").iterdir())) < MANY
        assert field.end() == 0
        assert field.events_lost == 0
        measured(events_lost=field.events_lost)


def test_a_library_is_refused_before_zeromq_ends_its_host():
    script = """
import resource, serd
from serd.errors import ConfigError
serd.subscribe
resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))
try:
    serd.subscribe("ipc:///tmp/serd-none")
except ConfigError as error:
    print(error)
assert resource.getrlimit(resource.RLIMIT_NOFILE) == (9, 9)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("open files: the limit is 9 (ulimit -n)")
