"""serd.daemon.daemon: the loop in this process, with real sources, sockets and a real notification socket."""

from __future__ import annotations

import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

import serd.daemon.stats
from serd.audio.pipe import Pipe
from serd.audio.recording import Recording
from serd.daemon.daemon import Daemon
from serd.errors import RestartError, UsageError
from serd.events.publisher import Publisher
from serd.events.subscribe import subscribe
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.system.systemd import Notifier
from tests.support.speech import DEMO, read

MODEL = "serd-small"
EAGER = {"emotion_on": 0.13, "emotion_off": 0.0, "margin": 0.0, "dwell_s": 0.25, "speech_hold_s": 5.0}
"""A model that is soon done, and rules under which any speech is an emotion that lasts: what is tested is the loop."""


class Ears:
    """A subscriber that collects all events in a thread."""

    def __init__(self, endpoint: str) -> None:
        self.events: list[dict] = []
        self._subscription = subscribe(endpoint, timeout=20)
        self._thread = threading.Thread(target=self._collect)
        self._thread.start()

    def _collect(self) -> None:
        for event in self._subscription:
            self.events.append(event)
            if event["data"]["state"] in ("stopped", "failed"):
                return

    def all(self, kind: str) -> list[dict]:
        """Data of all events of a kind, once the daemon has ended."""
        self._thread.join(20)
        return [event["data"] for event in self.events if event["type"].endswith(kind)]


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[tuple[Publisher, Ears]]:
    """A publisher and its subscriber."""
    publisher = Publisher([f"ipc://{tmp_path}/events"], "test", "test", lossless=True)
    ears = Ears(publisher.endpoints[0])
    assert publisher.wait_subscribers(1, 10)
    yield publisher, ears
    publisher.close()


def daemon(
    path: Path, publisher: Publisher, notifier: Notifier | None = None, *, paced: bool = False, **options
) -> Daemon:
    pipeline = Pipeline.assemble(load(MODEL), load(SPEECH, "speech"), 0.25, EAGER)
    return Daemon(Recording(path, 16000, paced), pipeline, publisher, notifier or Notifier({}), live=False, **options)


def test_it_tells_its_states_and_closes_what_it_opened(wire, tmp_path: Path):
    publisher, ears = wire
    spoken = read(DEMO)[: 6 * 16000]
    soundfile.write(tmp_path / "talk.wav", np.concatenate([spoken, spoken]), 16000)
    daemon(tmp_path / "talk.wav", publisher).run(threading.Event())
    assert [status["state"] for status in ears.all("status")] == ["waiting", "waiting", "listening", "stopped"]
    segments = ears.all("segment")
    assert [(s["phase"], s["ended_by"]) for s in segments][-1] == ("end", "stop")
    assert len(segments) % 2 == 0


def test_a_source_that_breaks_is_told_and_raised_with_the_segment_closed(wire, tmp_path: Path):
    publisher, ears = wire
    broken = np.concatenate([read(DEMO)[: 6 * 16000], [np.nan]]).astype(np.float32)
    soundfile.write(tmp_path / "broken.wav", broken, 16000, subtype="FLOAT")
    with pytest.raises(UsageError, match=r"broken\.wav"):
        daemon(tmp_path / "broken.wav", publisher).run(threading.Event())
    assert ears.all("status")[-1]["state"] == "failed"
    assert "broken.wav" in ears.all("status")[-1]["reason"]
    assert ears.all("segment")[-1]["phase"] == "end"


def test_heartbeats_tell_load_and_progress(wire, monkeypatch: pytest.MonkeyPatch):
    publisher, ears = wire
    monkeypatch.setattr(serd.daemon.stats, "HEARTBEAT_S", 0.3)
    stop = threading.Event()
    timer = threading.Timer(1.5, stop.set)
    timer.start()
    daemon(DEMO, publisher, paced=True).run(stop)
    beats = [status for status in ears.all("status") if status["state"] == "listening"]
    assert len(beats) >= 3
    assert beats[-1]["stream_s"] > beats[1]["stream_s"]
    assert 0 < beats[-1]["realtime_ratio"] < 1
    assert beats[-1]["cpu"] > 0


def test_the_service_manager_is_told_when_audio_arrives_and_when_it_ends(wire, tmp_path: Path):
    publisher, _ = wire
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(5)
        daemon(DEMO, publisher, Notifier({"NOTIFY_SOCKET": str(path)})).run(threading.Event())
        told = []
        while not told or "STOPPING=1" not in told[-1]:
            told.append(manager.recv(4096).decode())
    before = [line for message in told for line in message.splitlines()]
    assert before.index("READY=1") < before.index("STOPPING=1")
    assert any(line.startswith("STATUS=listening") for line in before)


def test_what_comes_while_muted_is_never_heard_and_a_gap_afterwards_but_no_fault(
    wire, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    publisher, ears = wire
    soundfile.write(tmp_path / "talk.wav", read(DEMO)[: 8 * 16000], 16000)
    made = daemon(tmp_path / "talk.wav", publisher, paced=True)
    timers = [threading.Timer(3.5, made.request, ["mute"]), threading.Timer(5.5, made.request, ["unmute"])]
    for timer in timers:
        timer.start()
    made.run(threading.Event())
    states = [status["state"] for status in ears.all("status")]
    assert list(dict.fromkeys(states)) == ["waiting", "listening", "muted", "stopped"]
    frames = ears.all("frame")
    (gap,) = [k for k, frame in enumerate(frames) if frame["gap"]]
    unheard = frames[gap]["window"]["start_s"] - frames[gap - 1]["window"]["end_s"]
    assert 1 < unheard < 4
    ends = [segment["ended_by"] for segment in ears.all("segment") if segment["phase"] == "end"]
    assert "mute" in ends
    assert "audio is missing" not in caplog.text


def test_it_can_begin_muted_which_it_says_and_is_ready_all_the_same(
    wire, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    publisher, ears = wire
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(path))
        manager.settimeout(5)
        made = daemon(DEMO, publisher, Notifier({"NOTIFY_SOCKET": str(path)}), muted=True)
        assert made.state == "muted"
        stop = threading.Event()
        threading.Timer(0.5, stop.set).start()
        made.run(stop)
        told = []
        while "STOPPING=1" not in told:
            told += manager.recv(4096).decode().splitlines()
    assert told.index("READY=1") < told.index("STOPPING=1")
    assert not ears.all("frame")
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        "voices.flac: muted, nothing is heard until `serd unmute`"
    ]


def test_what_a_pipe_brings_before_the_first_unmute_is_never_heard(wire):
    publisher, ears = wire
    out, into = os.pipe()
    with os.fdopen(out, "rb") as stream, os.fdopen(into, "wb", buffering=0) as arecord:
        pipeline = Pipeline.assemble(load(MODEL), load(SPEECH, "speech"), 0.25, EAGER)
        made = Daemon(Pipe(stream), pipeline, publisher, Notifier({}), live=False, muted=True)
        arecord.write((read(DEMO)[: 2 * 16000] * 32767).astype("<i2").tobytes())  # a pipe holds it
        loop = threading.Thread(target=made.run, args=[threading.Event()])
        loop.start()
        within(3, lambda: not select.select([stream], [], [], 0)[0])
        made.request("unmute")
        within(3, lambda: made.state != "muted")
        arecord.write(bytes(2 * 16000))
        arecord.close()
        loop.join(20)
    frames = ears.all("frame")
    assert frames
    assert frames[0]["gap"]
    assert {frame["quality"]["status"] for frame in frames} == {"silent"}


def within(seconds: float, reached: Callable[[], bool]) -> None:
    """Wait until it is so, or the time is over."""
    until = time.monotonic() + seconds
    while not reached() and time.monotonic() < until:
        time.sleep(0.02)


def test_a_check_that_fails_ends_it_with_the_segment_closed(wire):
    publisher, ears = wire

    def check() -> None:
        if any(event["type"].endswith("segment") for event in ears.events):
            raise RestartError("thread front died")

    with pytest.raises(RestartError, match="front"):
        daemon(DEMO, publisher, paced=True, check=check).run(threading.Event())
    assert ears.all("status")[-1]["state"] == "failed"
    segments = ears.all("segment")
    assert (segments[-1]["phase"], segments[-1]["ended_by"]) == ("end", "stop")
