"""Row 33: started under `nohup`, or with other signals ignored, as a shell's background jobs are."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from serd import errors
from tests.support.fieldwork import Field, in_the_field
from tests.support.soundserver import SoundServer

UNITS = Path(__file__).resolve().parents[2] / "systemd"


@pytest.fixture
def ignoring(tmp_path: Path, serd: str) -> Callable[[str], str]:
    """A command that is serd started with these signals ignored."""

    def make(signals: str) -> str:
        command = tmp_path / "ignoring"
        command.write_text(f"#!/bin/sh\ntrap '' {signals}\nexec {serd} \"$@\"\n")
        command.chmod(0o755)
        return str(command)

    return make


def settled(field: Field) -> None:
    """A whole second of frames after the signal: it has gone on."""
    count = len(field.of("frame"))
    field.until(lambda: len(field.of("frame")) > count + 4)


def test_nohup_keeps_it_running_and_sigterm_ends_it(ignoring, sound_server: SoundServer, measured):
    with in_the_field(ignoring("HUP INT QUIT"), env=sound_server.env) as field:
        field.state("listening")
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
            field.process.send_signal(number)
            settled(field)
        assert field.end(signal.SIGTERM) == 0
        assert field.states() == ["waiting", "listening", "stopped"]
        measured(**field.losses())


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGQUIT, signal.SIGALRM, signal.SIGXCPU])
def test_otherwise_it_ends_cleanly(serd: str, sound_server: SoundServer, number: signal.Signals, measured):
    with in_the_field(serd, env=sound_server.env) as field:
        field.state("listening")
        asked = time.time()
        assert field.end(number) == 0
        assert field.of("status")[-1]["reason"] == "stop was asked for"
        measured(detected_s=max(0.0, field.state("stopped")["at"] - asked))


def test_a_mute_signal_that_was_ignored_stays_so(ignoring, sound_server: SoundServer):
    with in_the_field(ignoring("USR1"), env=sound_server.env) as field:
        field.state("listening")
        os.kill(field.process.pid, signal.SIGUSR1)
        settled(field)
        assert "muted" not in field.states()
        assert field.end() == 0


@pytest.mark.parametrize("unit", ["serd.service", "user/serd.service"])
def test_the_units_start_it_anew_after_every_code_that_may_pass(unit: str):
    """systemd.service(5): with Restart=always all that is not in RestartPreventExitStatus is started anew."""
    lines = (UNITS / unit).read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    codes = {name: value for name, value in vars(errors).items() if name.isupper() and isinstance(value, int)}
    prevented = set(map(int, settings["RestartPreventExitStatus"].split()))
    assert settings["Restart"] == "always"
    assert "SuccessExitStatus" not in settings
    assert {name for name, code in codes.items() if code not in prevented} == {"OK", "NO_DEVICE", "OUTPUT", "RESTART"}
    assert {name for name, code in codes.items() if code in prevented} == {"USAGE", "CONFIG"}
