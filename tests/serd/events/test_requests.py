"""serd.events.requests and `serd mute`: finds this account's serds, and says who did what."""

from __future__ import annotations

import json
import signal
import threading
import time
from pathlib import Path
from typing import Literal

import pytest
import zmq

from serd.cli import mute as command
from serd.errors import UsageError
from serd.events.requests import ask, running
from tests.support.fieldwork import in_the_field
from tests.support.soundserver import SoundServer


@pytest.mark.parametrize(
    "reply", [b"", b"null", b"[" * 10_000, b'{"ok": false}', b'{"ok": 1}', b"\xff", b'{"ok": false, "error": "a\\nb"}']
)
def test_an_answer_that_is_none_is_one_line(tmp_path: Path, reply: bytes):
    with zmq.Context() as context, context.socket(zmq.REP) as sock:
        endpoint = f"ipc://{tmp_path}/x"
        sock.bind(endpoint)
        thread = threading.Thread(target=lambda: (sock.recv(), sock.send(reply)))
        thread.start()
        with pytest.raises(UsageError, match="see that it is serd") as fault:
            ask(endpoint, "status")
        thread.join()
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("word", "state", "told"),
    [
        ("mute", "muted", "muted"),
        ("mute", "waiting", "waiting, mute is asked for"),
        ("unmute", "waiting", "unmuted, waiting for the microphone"),
        ("unmute", "listening", "listening"),
        ("unmute", "muted", "muted, unmute is asked for"),
    ],
)
def test_the_command_tells_what_it_has_brought_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], word: Literal["mute", "unmute"], state: str, told: str
):
    reply = {"ok": True, "source": "hall", "pid": 7, "note": None, "state": state}
    with zmq.Context() as context, context.socket(zmq.REP) as sock:
        sock.bind(f"ipc://{tmp_path}/x")
        thread = threading.Thread(target=lambda: (sock.recv(), sock.send(json.dumps(reply).encode())))
        thread.start()
        assert command.run(word, endpoint=f"ipc://{tmp_path}/x") == 0
        thread.join()
    assert capsys.readouterr().out == f"hall (process 7): {told}\n"


def test_nobody_there_is_one_line(run, tmp_path: Path):
    (tmp_path / "dead.1.control").touch()
    done = run("unmute", env={"XDG_RUNTIME_DIR": str(tmp_path), "STATE_DIRECTORY": str(tmp_path / "state")})
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    with pytest.raises(UsageError, match="no answer"):
        ask(f"ipc://{tmp_path}/nobody", "mute", timeout=0.2)
    for endpoint in ("nowhere", "tcp://127.0.0.1:0"):
        assert run("mute", "--endpoint", endpoint).returncode == 2


def test_all_serds_of_this_account_are_muted_or_the_one_named(serd: str, sound_server: SoundServer, run):
    with (
        in_the_field(serd, "--source", "hall", env=sound_server.env) as hall,
        in_the_field(serd, "--source", "kitchen", env=sound_server.env) as kitchen,
    ):
        for one in (hall, kitchen):
            one.state("listening")
        assert len(running(sound_server.env)) == 2
        assert len(running(sound_server.env, "hall")) == 1
        done = run("mute", env=hall.env)
        assert sorted(line.split()[0] for line in done.stdout.splitlines()) == ["hall", "kitchen"]
        assert sound_server.pactl("list", "short", "source-outputs") == ""
        done = run("unmute", env=hall.env)
        assert (done.returncode, done.stdout) == (2, "")
        assert "(hall, kitchen); name one with --source, or give --all" in done.stderr
        assert hall.states()[-1] == kitchen.states()[-1] == "muted"
        assert run("unmute", "--all", "--source", "hall", env=hall.env).returncode == 2
        done = run("unmute", "--source", "hall", env=hall.env)
        assert done.stdout.startswith("hall ")
        hall.until(lambda: hall.states()[-1] == "listening")
        assert kitchen.states()[-1] == "muted"
        assert run("unmute", "--all", env=hall.env).returncode == 0
        kitchen.until(lambda: kitchen.states()[-1] == "listening")
        hall.until(lambda: any(frame["gap"] for frame in hall.of("frame")))
        assert hall.end() == 0
        assert not any("audio is missing" in line for line in hall.stderr), "it was asked for"


def test_a_mute_before_the_first_start_is_heeded_by_it(serd: str, sound_server: SoundServer, tmp_path: Path, run):
    env = sound_server.env | {"STATE_DIRECTORY": str(tmp_path / "state"), "XDG_RUNTIME_DIR": str(tmp_path)}
    done = run("mute", "--source", "hall", env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("hall: muted (")
    assert "the next one begins muted" in done.stdout
    with in_the_field(serd, "--source", "hall", env=env) as field:
        field.state("muted")
        assert field.end() == 0
    assert run("unmute", "--source", "hall", env=env).stdout.endswith("the next one listens\n")
    assert run("unmute", "--source", "hall", env=env).returncode == 2
    assert list((tmp_path / "state").iterdir()) == []


def test_a_mute_that_cannot_be_kept_says_so(run, tmp_path: Path):
    (tmp_path / "state").write_text("a file in the folder's place")
    done = run("mute", env={"XDG_RUNTIME_DIR": str(tmp_path), "STATE_DIRECTORY": str(tmp_path / "state")})
    assert (done.returncode, done.stdout) == (78, "")
    assert "nothing is muted" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_mute_outlives_a_kill_and_a_restart_until_the_unmute(
    serd: str, sound_server: SoundServer, tmp_path: Path, run
):
    state = {"STATE_DIRECTORY": str(tmp_path / "state")}  # as systemd gives it
    env = sound_server.env | state
    with in_the_field(serd, env=env) as first:
        first.state("listening")
        assert run("mute", env=first.env).returncode == 0
        first.process.send_signal(signal.SIGKILL)
        first.process.wait()
    with in_the_field(serd, env=env) as second:
        second.state("muted")
        time.sleep(1.0)
        assert second.states() == ["muted"]
        assert ["nothing is heard until `serd unmute`" in line for line in second.stderr] == [True]
        assert sound_server.pactl("list", "short", "source-outputs") == ""
        assert run("unmute", env=second.env).returncode == 0
        second.state("listening")
        assert second.end() == 0
    with in_the_field(serd, env=env) as third:
        third.state("listening")
        assert "muted" not in third.states()
