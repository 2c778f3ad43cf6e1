"""serd.audio.soundserver and .placement: microphones by name, from real servers with two of them each."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.support.fieldwork import in_the_field
from tests.support.microphones import MICROPHONES, plug_in, streams, unplug
from tests.support.soundserver import SoundServer
from tests.support.speech import DEMO

KINDS = {"sound_server": "PulseAudio", "pipewire": "PipeWire"}


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> SoundServer:
    """A server of each kind, whose microphones are not plugged in yet."""
    made: SoundServer = request.getfixturevalue(request.param)
    made.kind = KINDS[request.param]  # type: ignore[attr-defined]
    return made


Ask = Callable[..., subprocess.CompletedProcess[str]]


def listed(run: Ask, server: SoundServer) -> list[dict]:
    found: list[dict] = json.loads(run("-l", "--json", env=server.env).stdout)
    return found


def test_they_are_listed_by_the_names_that_people_know(run: Ask, server: SoundServer):
    assert not [one for one in listed(run, server) if one["name"] in MICROPHONES.values()]
    for name in MICROPHONES:
        plug_in(server, name)
    found = [one for one in listed(run, server) if one["source"] and not one["is_monitor"]]
    assert {(one["name"], one["source"], one["host_api"]) for one in found} >= {
        (told, f"mic.{name}", server.kind) for name, told in MICROPHONES.items()  # type: ignore[attr-defined]
    }  # fmt: skip
    assert "Desk_Webcam" in run("-l", env=server.env).stdout
    doctor = run("doctor", "--json", "--device", "usb", env=server.env).stdout
    told = {one["check"]: one["text"] for one in json.loads(doctor)["findings"]}
    assert told["sound server"].startswith(server.kind)  # type: ignore[attr-defined]
    assert "USB_Audio (mic.usb) is chosen" in told["devices"]


def test_a_part_of_the_name_opens_that_one_and_no_other(serd: str, server: SoundServer):
    for name in MICROPHONES:
        plug_in(server, name)
    with in_the_field(serd, "--device", "USB", env=server.env) as field:
        heard = field.state("listening")
        assert heard["device"]["name"] == "USB_Audio"
        assert list(streams(server, field.process.pid).values()) == ["mic.usb"]
        server.play(DEMO, sink="webcam")
        time.sleep(2.5)
        assert {frame["quality"]["status"] for frame in field.of("frame")} <= {"silent"}
        began = time.time()
        server.play(DEMO, sink="usb")
        while not any(f["quality"]["level"] > -40 for f in field.of("frame") if f["at"] > began):
            field.frame(after=field.of("frame")[-1]["at"] + 0.2)
        assert field.end() == 0


def test_a_stream_that_is_moved_is_lost_and_never_kept(serd: str, server: SoundServer):
    usb, _ = plug_in(server, "usb"), plug_in(server, "webcam")
    with in_the_field(serd, "--device", "mic.usb", env=server.env) as field:
        field.state("listening")
        pid = field.process.pid
        (stream,) = streams(server, pid)
        moved = time.time()
        while streams(server, pid).get(stream) == "mic.usb":  # PipeWire drops a request while it still links the stream
            server.pactl("move-source-output", str(stream), "mic.webcam")
            time.sleep(0.3)
        lost = field.state("lost", after=moved)
        assert "the sound server has moved the stream to mic.webcam" in lost["reason"]
        field.state("listening", after=lost["at"])
        assert list(streams(server, pid).values()) == ["mic.usb"]

        gone = time.time()
        unplug(server, usb)
        lost = field.state("lost", after=gone)
        time.sleep(2)
        assert field.of("status")[-1]["state"] == "lost"
        assert "mic.webcam" not in streams(server, pid).values()
        plug_in(server, "usb")
        field.state("listening", after=lost["at"])
        assert list(streams(server, pid).values()) == ["mic.usb"]
        assert field.end() == 0


def test_a_name_that_is_none_or_several_is_one_line(run: Ask, server: SoundServer):
    for name in MICROPHONES:
        plug_in(server, name)
    done = run("--once", "--headless", "--publish", "ipc://e", "--device", "nosuch", env=server.env)
    assert done.returncode == 69
    (line,) = [line for line in done.stderr.splitlines() if ": info: " not in line]
    assert "device nosuch: not here; give one of: " in line
    assert "USB_Audio (mic.usb)" in line
    done = run("--once", "--headless", "--publish", "ipc://e", "--device", "mic.", env=server.env)
    assert done.returncode == 2
    assert "may be any of: " in done.stderr


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed; script/test does that")
def test_who_listens_to_one_by_name_executes_nothing(serd: str, sound_server: SoundServer, tmp_path: Path):
    plug_in(sound_server, "usb")
    command = tmp_path / "serd"
    command.write_text(
        f"#!/bin/sh\nexec strace -f -qq --seccomp-bpf -o {tmp_path}/trace -e trace=execve,execveat"
        f' {shlex.quote(serd)} "$@"\n'
    )
    command.chmod(0o755)
    with in_the_field(str(command), "--device", "usb", env=sound_server.env) as field:
        assert field.state("listening")["device"]["name"] == "USB_Audio"
        (child,) = psutil.Process(field.process.pid).children()
        child.terminate()
        assert field.process.wait(20) == 0
    executed = [line for line in (tmp_path / "trace").read_text().splitlines() if re.search(r"= 0$", line)]
    assert len(executed) <= 2, executed
    assert all("/ldconfig" in line for line in executed[1:]), "which sounddevice asks for PortAudio's library"
