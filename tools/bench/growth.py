"""How the cost grows: with voices, with a shorter stride, with a recording's length, with subscribers."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from serd.block import Samples
from serd.events.publisher import Publisher
from tools.bench.route import RATE, Route, Spread, blocks, cpu, spread
from tools.bench.score import recording, score
from tools.bench.voices import measure
from tools.checkout import ROOT

MODEL = "serd-small"
PAUSE_S = 0.005
"""Rest after each stride's events, so that each is sent by itself, as in real time; 232 strides take a second."""
MINUTE, HOUR, DAY = 60, 3600, 86400


def voices(counts: Sequence[int], seconds: float) -> list[dict[str, Any]]:
    """In real time, one process: CPU ms per second of all voices, MB, latency in ms, what was skipped and lost."""
    rows = [measure(count, MODEL, 0.25, seconds) for count in counts]
    kept = ("voices", "cpu", "memory", "p50", "p99", "skipped", "lost")
    return [{name: row[name] for name in kept} for row in rows]


def strides(samples: Samples, widths: Sequence[float], models: Sequence[str], runs: int) -> list[dict[str, Any]]:
    """CPU ms per second of audio from block to sent event, for each stride in s that a model knows: whole rows of both
    its networks, the nearest to the one asked for."""
    rows = []
    heard, seconds = blocks(samples), len(samples) / RATE
    with tempfile.TemporaryDirectory() as folder:
        publisher = Publisher((f"ipc://{folder}/bench",), "bench", "bench")
        for model in models:
            routes = [Route(model, width) for width in widths]
            for width, route in {route.pipeline().stride_s: route for route in routes}.items():
                took = spread(runs, lambda route=route: route.passage(heard, publisher), seconds)  # type: ignore[misc]
                rows.append({"model": model, "stride": width, "cpu": took.median, "spread": [took.low, took.high]})
        publisher.close()
    return rows


def lengths(seconds: Sequence[float], runs: int) -> list[dict[str, Any]]:
    """How many times real time a core hears a FLAC file of this length, and the peak of memory in MB; an hour and
    more is heard once."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for length in seconds:
            recording(path := Path(folder, "long.flac"), length)
            figures = score(path, MODEL, runs if length < HOUR else 1)
            rows.append({"seconds": length, "times": figures["times"], "memory": figures["memory"]})
            path.unlink()
    return rows


LISTENERS = """
import sys, zmq
context, sockets = zmq.Context(), []
for _ in range(int(sys.argv[2])):
    socket = context.socket(zmq.SUB)
    socket.setsockopt(zmq.SUBSCRIBE, b"serd.v1.")
    socket.connect(sys.argv[1])
    sockets.append(socket)
poller = zmq.Poller()
for socket in sockets:
    poller.register(socket, zmq.POLLIN)
while True:
    for socket, _ in poller.poll():
        socket.recv_multipart()
"""
"""All in one process, which is not the one that is measured."""


def subscribers(samples: Samples, counts: Sequence[int], runs: int) -> list[dict[str, Any]]:
    """CPU ms per second of audio from block to sent event with so many subscribers, and events they had no room for."""
    rows, heard, route = [], blocks(samples), Route(MODEL)
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            endpoint = f"ipc://{folder}/bench"
            publisher = Publisher((endpoint,), "bench", "bench")
            command = [sys.executable, "-c", LISTENERS, endpoint, str(count)]
            listeners = subprocess.Popen(command, cwd=ROOT) if count else None
            try:
                publisher.wait_subscribers(count, 30)
                route.passage(heard[: len(heard) // 4], publisher)
                took = []
                for _ in range(runs):
                    took.append(cpu(lambda publisher=publisher: _sent(route, heard, publisher)))  # type: ignore[misc]
            finally:
                if listeners:
                    listeners.kill()
                    listeners.wait()
            lost = publisher.dropped
            publisher.close()
        of = Spread.of([one * RATE / len(samples) for one in took])
        rows.append({"subscribers": count, "cpu": of.median, "spread": [of.low, of.high], "dropped": lost})
    return rows


def _sent(route: Route, heard: Any, publisher: Publisher) -> None:
    route.passage(heard, publisher, PAUSE_S)
    time.sleep(0.1)  # the I/O thread's last messages are part of it
