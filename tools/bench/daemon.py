"""The real daemon: latency to another process, memory, what the view adds, and capture through PulseAudio."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from serd.events.subscribe import subscribe
from tests.support.memory import resident_mb
from tools.bench.score import recording
from tools.checkout import ROOT

SUBSCRIBER = """
import sys, time, json, zmq
socket = zmq.Context.instance().socket(zmq.SUB)
socket.setsockopt(zmq.SUBSCRIBE, b"serd.v1.")
socket.connect(sys.argv[1])
socket.setsockopt(zmq.RCVTIMEO, 20000)
late = []
try:
    while True:
        topic, body = socket.recv_multipart()
        now = time.time()
        event = json.loads(body)
        if event["type"].endswith("frame"):
            from datetime import datetime
            sent = datetime.fromisoformat(event["time"]).timestamp()
            late.append(event["data"]["latency_ms"] + (now - sent) * 1000)
        elif event["data"].get("state") in ("stopped", "failed"):
            break
except zmq.Again:
    pass
print(json.dumps(late))
"""


MARGIN_S = 60.0
"""Seconds that a recording goes on after what is measured."""
VIEW_S = 8.0
"""After so long the view has shown all that it shows."""


def live(path: Path, model: str, seconds: float) -> dict[str, float]:
    """Latency to a subscriber in another process, memory, and time to the first events, through the real daemon."""
    with tempfile.TemporaryDirectory() as folder:
        endpoint, sound = f"ipc://{folder}/events", Path(folder, "heard.flac")
        recording(sound, seconds + MARGIN_S, path)  # it must not end before it was measured
        listener = subprocess.Popen([sys.executable, "-c", SUBSCRIBER, endpoint], stdout=subprocess.PIPE, text=True)
        daemon = subprocess.Popen(
            [sys.executable, "-m", "serd", "--input", str(sound), "--model", model, "--publish", endpoint],
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
        )
        with subscribe(endpoint, kinds=("frame",), timeout=60) as events:
            next(iter(events))  # a busy machine takes long to load the models
        time.sleep(seconds)
        resident = resident_mb(daemon.pid)
        viewed = with_view(path, model, folder, min(VIEW_S, seconds))
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(10)
        late = sorted(json.loads(listener.communicate(timeout=30)[0]))
    rare = {"latency p99.9 (ms)": float(np.percentile(late, 99.9))} if len(late) >= 1000 else {}
    return {
        "latency p50 (ms)": float(np.percentile(late, 50)),
        "latency p99 (ms)": float(np.percentile(late, 99)),
        **rare,
        "latency max (ms)": late[-1],
        "resident memory, headless (MB)": resident,
        "what the view adds (MB)": viewed - resident,
    }


def with_view(path: Path, model: str, folder: str, seconds: float) -> float:
    """Resident memory in MB of a serd that shows its view on a pseudo-terminal."""
    master, slave = os.openpty()
    command = [
        sys.executable,
        "-m",
        "serd",
        "--input",
        str(path),
        "--model",
        model,
        "--publish",
        f"ipc://{folder}/view",
    ]
    shown = subprocess.Popen(command, stdin=slave, stdout=slave, env={**os.environ, "TERM": "xterm-256color"}, cwd=ROOT)
    os.close(slave)
    until = time.monotonic() + seconds
    while time.monotonic() < until:  # it is read as a terminal reads it, or the view would wait
        os.read(master, 1 << 16)
    resident = resident_mb(shown.pid)
    shown.kill()
    shown.wait()
    os.close(master)
    return resident


STARTS = 5
"""Starts of which the median is given."""
CAPTURE = """
import json, sys, time
began = time.monotonic()
from serd.audio.microphone import Microphone
microphone = Microphone(None, "mix", 16000)
microphone.open()
opened = time.monotonic() - began
first = None
while first is None:
    if microphone.read(1.0) is not None:
        first = time.monotonic() - began
busy, since = time.process_time(), time.monotonic()
while time.monotonic() - since < float(sys.argv[1]):
    microphone.read(0.1)
busy, passed = time.process_time() - busy, time.monotonic() - since
microphone.close()
print(json.dumps({"capture": busy / passed * 1000, "open": opened, "first": first}))
"""


def capture(seconds: float) -> dict[str, float]:
    """Through a private PulseAudio: CPU of capture alone (callback, ring, reader), times to open and first block."""
    from tests.support.soundserver import SoundServer

    with contextlib.closing(SoundServer()) as server:
        server.start()
        ran = subprocess.run(
            [sys.executable, "-c", CAPTURE, str(seconds)],
            env={**os.environ, **server.env},
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        figures = json.loads(ran.stdout)
        starts = [_start(server.env) for _ in range(STARTS)]
    opened, first = (float(np.median(times)) for times in zip(*starts, strict=True))
    return {
        "capture through PulseAudio (CPU ms per s)": figures["capture"],
        "serd: stream open after (s)": opened,
        "serd: first block after (s)": first,
    }


def _start(server: dict[str, str]) -> tuple[float, float]:
    """Seconds until a serd that is started says that its stream is open, and that audio arrives."""
    began, opened = time.monotonic(), 0.0
    daemon = subprocess.Popen(
        [sys.executable, "-m", "serd", "--publish", "ipc:///tmp/serd-bench-open"],
        env={**os.environ, **server},
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert daemon.stdout is not None
    for line in daemon.stdout:
        event = json.loads(line)
        if event["data"]["state"] == "listening":
            break
        if event["data"].get("reason") == "the source is open":
            opened = time.monotonic() - began
    first = time.monotonic() - began
    daemon.send_signal(signal.SIGTERM)
    daemon.communicate(timeout=10)
    return opened, first
