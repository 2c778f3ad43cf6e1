"""The OSC, LSL and command bridges, each with its consumer in examples/, and mosquitto_sub behind the MQTT bridge."""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import pyxdf

from serd.events.event import Event
from tests.support import wire
from tests.support.bridging import PATIENCE, ROOT, Process, Room, bridge, until
from tests.support.mosquitto import Broker, running

Run = Callable[..., subprocess.CompletedProcess[str]]
EXAMPLES = ROOT / "examples"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with contextlib.closing(Room(f"ipc://{tmp_path}/events")) as room:
        yield room


@contextlib.contextmanager
def example(*command: str | Path) -> Iterator[Process]:
    """An example as its reader starts it; at the end it is killed with all that it started."""
    process = Process([*map(str, command)], start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.process.pid, signal.SIGKILL)
        process.process.wait()


def line(process: Process) -> str:
    return process.lines.get(timeout=PATIENCE).strip()


def test_a_real_osc_receiver_gets_emotion_speech_and_probabilities(room: Room, tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    target = f"127.0.0.1:{port}"
    with (
        example(sys.executable, EXAMPLES / "osc_receiver.py", str(port)) as receiver,
        bridge("osc", "--endpoint", room.endpoint, "--target", target, folder=tmp_path),
    ):
        room.wait()
        while receiver.lines.empty():  # until it listens; UDP tells nobody
            room.send(wire.frame())
            time.sleep(0.05)
        assert line(receiver) == "/serd/room1/emotion happy 0.699999988079071"
        assert line(receiver) == "/serd/room1/speech 0.9800000190734863"
        assert line(receiver).startswith("/serd/room1/probabilities 0.69999")
        room.send(wire.quiet())
        until(lambda: "no-speech 0.0" in line(receiver))
        assert line(receiver).startswith("/serd/room1/speech 0.0099999")
        assert receiver.lines.empty(), "no probabilities without speech"


def test_a_recording_of_the_lsl_streams_is_read_back_by_pyxdf(room: Room, tmp_path: Path) -> None:
    environment = {"LSLAPICFG": str(tmp_path / "lsl_api.cfg")}
    (tmp_path / "lsl_api.cfg").write_text(f"[lab]\nSessionID = {tmp_path.name}-{os.getpid()}\n")
    recording = tmp_path / "record.xdf"
    with bridge("lsl", "--endpoint", room.endpoint, folder=tmp_path, **environment):
        room.wait()
        room.send(wire.status())
        command = [sys.executable, str(EXAMPLES / "lsl_record.py"), str(recording), "9"]
        recorder = Process(command, env={**os.environ, **environment})
        until(lambda: not recorder.lines.empty())
        assert line(recorder) == "recording 2 streams"
        ages = [0.0, 3.0, 0.0, 5.0, 0.0, 2.0, 0.0, 4.0]
        began = time.monotonic()
        for k, age in enumerate(ages):  # its window ended so long ago
            room.send(Event("frame", wire.frame(k).data, time.monotonic() - age))
        took = time.monotonic() - began
        room.send(wire.segment(3), wire.quiet())
        assert recorder.process.wait(PATIENCE) == 0, recorder.errors
    streams, _ = pyxdf.load_xdf(str(recording), dejitter_timestamps=False)
    by_type = {stream["info"]["type"][0]: stream for stream in streams}
    frames, markers = by_type["VoiceEmotion"], by_type["Markers"]
    channels = frames["info"]["desc"][0]["channels"][0]["channel"]
    assert [channel["label"][0] for channel in channels] == [
        "happy", "sad", "calm", "speech", "confidence", "activation", "level",
    ]  # fmt: skip
    assert float(frames["info"]["nominal_srate"][0]) == 4
    rows = frames["time_series"]
    assert len(rows) == 9
    assert rows[0][:3] == pytest.approx([0.7, 0.2, 0.1])
    assert rows[0][3] == pytest.approx(0.98)
    assert all(math.isnan(row[5]) for row in rows), "activation is not told by this model: NaN"
    assert all(map(math.isnan, rows[8][:3])), "and no probabilities without speech"
    # Stamps are at the windows' ends, whatever their way here took.
    steps = [later - earlier for earlier, later in itertools.pairwise(frames["time_stamps"][:8])]
    assert steps == pytest.approx([one - two for one, two in itertools.pairwise(ages)], abs=took + 0.9)
    assert [json.loads(marker[0])["segment"] for marker in markers["time_series"]] == ["3"]


def test_a_program_is_run_on_a_segment_with_the_event_on_its_standard_input(room: Room, tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f'cat >> "{log}"; echo "$1" >> "{log}"'
    odd = "$(touch hurt); 'x y'"  # no shell sees it
    with bridge("command", "--endpoint", room.endpoint, "--", "/bin/sh", "-c", script, "sh", odd, folder=tmp_path):
        room.wait()
        room.send(wire.status(), wire.frame(), wire.segment(7), wire.segment(7, "mute"))
        until(lambda: log.exists() and log.read_text().count(odd) == 2)
    lines = log.read_text().splitlines()
    events = [json.loads(text) for text in lines[::2]]
    assert [wire.valid(event)["data"]["phase"] for event in events] == ["start", "end"]
    assert lines[1] == odd
    assert not (ROOT / "hurt").exists()


@pytest.mark.parametrize(
    ("program", "fault"), [([], "give one after `--`"), (["--", "/no/such program"], "cannot be run")]
)
def test_a_program_that_is_not_there_is_one_line(run: Run, program: list[str], fault: str) -> None:
    done = run("bridge", "command", *program)
    assert done.returncode == 2
    assert fault in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_program_is_run_for_the_emotions_asked_for_only(room: Room, tmp_path: Path) -> None:
    log = tmp_path / "log"
    arguments = ["--phase", "start", "--label", "sad", "--", "/bin/sh", "-c", f"cat >> {log}"]
    with bridge("command", "--endpoint", room.endpoint, *arguments, folder=tmp_path) as process:
        room.wait()
        sad = wire.segment(2)
        room.send(wire.segment(1), Event("segment", {**sad.data, "label": "sad"}, sad.arrived), wire.segment(2, "stop"))
        until(lambda: log.exists() and log.read_text().endswith("\n"))
        assert process.end() == 0
    assert [json.loads(text)["data"]["label"] for text in log.read_text().splitlines()] == ["sad"]


def test_a_program_that_hangs_is_killed_with_all_it_started_and_the_next_one_runs(room: Room, tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"sleep 77.125 & echo $! >> {log}; sleep 77.125"
    arguments = ["--timeout", "0.3", "--", "/bin/sh", "-c", script]
    with bridge("command", "--endpoint", room.endpoint, *arguments, folder=tmp_path) as process:
        room.wait()
        room.send(wire.segment(1), wire.segment(2))
        until(lambda: log.exists() and len(log.read_text().split()) == 2)
        until(lambda: process.said("killed after 0.3 s"))
        until(lambda: not any(Path(f"/proc/{pid}/cmdline").exists() for pid in log.read_text().split()))


def test_a_program_that_fails_or_does_not_read_is_told_and_forgotten(room: Room, tmp_path: Path) -> None:
    arguments = ["--", "/bin/sh", "-c", "exec <&-; exit 3"]
    with bridge("command", "--endpoint", room.endpoint, *arguments, folder=tmp_path) as process:
        room.wait()
        room.send(wire.segment(1))
        until(lambda: process.said("left with exit code 3"))


def test_notify_sh_says_what_has_begun(room: Room, tmp_path: Path) -> None:
    if not shutil.which("jq"):
        pytest.skip("jq is not installed; script/test does that")
    (tmp_path / "bin").mkdir()
    stand_in = tmp_path / "bin" / "notify-send"
    stand_in.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/shown"\n')
    stand_in.chmod(0o755)
    arguments = ["--phase", "start", "--", str(EXAMPLES / "notify.sh")]
    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    with bridge("command", "--endpoint", room.endpoint, *arguments, folder=tmp_path, PATH=path):
        room.wait()
        room.send(wire.segment(1))
        until(lambda: (tmp_path / "shown").exists() and "room1: happy (70 %)" in (tmp_path / "shown").read_text())


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    yield from running(tmp_path / "broker")


def test_mqtt_sh_shows_emotions_as_they_begin(room: Room, broker: Broker, tmp_path: Path) -> None:
    if not shutil.which("mosquitto_sub") or not shutil.which("jq"):
        pytest.skip("mosquitto_sub or jq is not installed; script/test does that")
    with (
        bridge("mqtt", "--endpoint", room.endpoint, "--broker", broker.url, folder=tmp_path),
        example(EXAMPLES / "mqtt.sh", "127.0.0.1", str(broker.port)) as shown,
    ):
        room.wait()
        k = 0
        while shown.lines.empty():  # until it has subscribed; segments are not retained
            room.send(wire.segment(k), wire.segment(k, "change"))
            k += 1
            time.sleep(0.05)
        assert line(shown).endswith("happy (70%)")
