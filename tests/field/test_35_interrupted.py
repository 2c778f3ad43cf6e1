"""Row 35: interrupted is not done. Work that a signal cuts short ends with 128 and its number, not with 0."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import zmq

from tests.support.speech import DEMO

PATIENCE_S = 60.0
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1)


@contextmanager
def started(*command: str, folder: Path, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "HOME": str(folder)}
    environment |= {"PULSE_SERVER": f"unix:{folder}/none"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, env=environment,
                               **options)  # type: ignore[call-overload]  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def code_after(process: subprocess.Popen[bytes], number: signal.Signals) -> int:
    """Send it; the exit code, of a process that says nothing about it."""
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert said == b""
    return process.returncode


@pytest.mark.parametrize("number", SIGNALS)
def test_score_of_many_files(serd: str, tmp_path: Path, number: signal.Signals, measured: Callable[..., None]):
    with started(serd, "score", "--model", "serd-small", "--json", *[str(DEMO)] * 400, folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"{")
        sent = time.monotonic()
        assert code_after(process, number) == 128 + number
        measured(detected_s=time.monotonic() - sent)


def test_mute_that_waits_for_an_answer(serd: str, tmp_path: Path):
    with zmq.Context() as context, context.socket(zmq.REP) as deaf:
        deaf.bind(f"ipc://{tmp_path}/x.control")
        with started(serd, "mute", "--endpoint", f"ipc://{tmp_path}/x.control", folder=tmp_path) as process:
            assert deaf.poll(PATIENCE_S * 1000), "the request is here, and gets no answer"
            assert code_after(process, signal.SIGINT) == 130


def test_doctor_between_two_findings(serd: str, tmp_path: Path):
    with started(serd, "doctor", folder=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"ok ")
        assert code_after(process, signal.SIGINT) == 130


def test_devices_of_a_sound_server_that_does_not_answer(serd: str, tmp_path: Path):
    if not list(Path("/usr").glob("lib*/**/alsa-lib/*pcm_pulse.so")):
        pytest.skip("no ALSA plugin for PulseAudio here; script/test installs it")
    (tmp_path / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{tmp_path}/none")
        server.listen()
        with started(serd, "-l", folder=tmp_path) as process:
            connection, _ = server.accept()
            with connection:
                assert code_after(process, signal.SIGINT) == 130


def test_a_replay_as_fast_as_it_goes_is_cut_short_and_one_in_real_time_ends(serd: str, tmp_path: Path):
    long = tmp_path / "long.wav"
    with long.open("wb") as file:
        import numpy as np
        import soundfile

        soundfile.write(file, np.tile(soundfile.read(DEMO)[0], 100), 16000, format="WAV")
    for more, code in ((["--fast"], 130), ([], 0)):
        command = (serd, "--input", str(long), "--publish", f"ipc://{tmp_path}/e", *more)
        with started(*command, folder=tmp_path) as process:
            assert process.stdout is not None
            assert process.stdout.readline().startswith(b"{")
            process.send_signal(signal.SIGINT)
            lines, said = process.communicate(timeout=PATIENCE_S)
            assert (process.returncode, said) == (code, b"")
            assert b'"stopped"' in lines.splitlines()[-1], "either way all that was judged is told"


def test_the_progress_bar_gives_the_cursor_back(serd: str, tmp_path: Path):
    master, slave = pty.openpty()
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "TERM": "xterm"}
    command = [serd, "score", "--model", "serd-small", *[str(DEMO)] * 400]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=slave, env=environment) as process:
        os.close(slave)
        shown, sent = b"", False
        with contextlib.suppress(OSError):  # its other end is closed
            while True:
                shown += os.read(master, 4096)
                if b"%" in shown and not sent:
                    process.send_signal(signal.SIGTERM)
                    sent = True
    os.close(master)
    assert process.returncode == 143
    assert shown.count(b"\x1b[?25l") == shown.count(b"\x1b[?25h") > 0
