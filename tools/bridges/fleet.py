"""A fleet of rooms through one nats bridge into one server that goes away twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nats

from serd.events.event import Event
from tests.support.bridging import ROOT, Room, bridge, until
from tests.support.natsserver import NatsServer

PERIOD_S = 0.25
QUEUE = 20000
PATIENCE_S = 60.0
"""How long what is under way at the end may take."""


@dataclass(frozen=True)
class Figures:
    """What became of a fleet's events, and what its bridge took."""

    rooms: int
    events: int
    took_s: float
    outages: int
    outage_s: float
    lost: int
    """Never seen by the reader."""
    twice: int
    """Seen by the reader more than once."""
    stored_ms: tuple[float, float]
    """Quantiles 0.5 and 0.99 of the time from an event's own to the server's, outages included."""
    memory_mb: float
    """The bridge's peak."""
    cpu: float
    """The bridge's share of a core."""


def recorded(folder: Path) -> list[Event]:
    """The events of a real session, as fast as it goes, without what a publisher adds."""
    done = subprocess.run(
        [sys.executable, "-m", "serd", "--demo", "--fast", "--headless", "--publish", f"ipc://{folder}/demo"],
        capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "XDG_RUNTIME_DIR": str(folder)},
    )  # fmt: skip
    events = []
    for line in done.stdout.splitlines():
        envelope = json.loads(line)
        data = {
            key: value for key, value in envelope["data"].items() if key not in ("session", "sequence", "latency_ms")
        }
        events.append(Event(envelope["type"].rpartition(".")[2], data, None))
    assert len(events) > 20
    return events


def play(rooms: list[Room], events: list[Event], seconds: float) -> int:
    """All rooms at their pace, spread over the period; how many events were sent."""
    begun, sent = time.monotonic(), 0
    frames = [event for event in events if event.kind == "frame"]
    others = [event for event in events if event.kind != "frame"]
    for turn in range(int(seconds / PERIOD_S)):
        for index, room in enumerate(rooms):
            room.send(replace(frames[(turn + index) % len(frames)], arrived=time.monotonic()))
            sent += 1
            if (turn + index) % 20 == 0:
                other = others[(turn // 20 + index) % len(others)]
                room.send(other if other.kind == "status" else replace(other, arrived=time.monotonic()))
                sent += 1
            due = begun + (turn + index / len(rooms)) * PERIOD_S
            if index % 10 == 0:
                time.sleep(max(due - time.monotonic(), 0))
    return sent


class Reader:
    """Reads the stream over outages in a thread of its own: each event once, with its lag."""

    def __init__(self, url: str) -> None:
        self.ids: set[str] = set()
        self.twice = 0
        self.lags: list[float] = []
        """Seconds from an event's own time to when the server stored it: this process is a fleet, and may read late."""
        self._url, self._over, self._next = url, False, 1
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over = True
        self._thread.join(20)

    async def _run(self) -> None:
        while not self._over:
            with contextlib.suppress(OSError, nats.errors.Error):
                client = await nats.connect(self._url, allow_reconnect=False, error_cb=_silent)
                config = nats.js.api.ConsumerConfig(
                    deliver_policy=nats.js.api.DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=self._next,
                    ack_policy=nats.js.api.AckPolicy.NONE,
                )  # fmt: skip
                messages = await client.jetstream().subscribe("serd.v1.>", stream="serd", config=config)
                while not self._over and not client.is_closed:
                    with contextlib.suppress(nats.errors.TimeoutError):
                        self._take(await messages.next_msg(0.5))
                await client.close()
            await asyncio.sleep(0.2)

    def _take(self, message: Any) -> None:
        envelope = json.loads(message.data)
        self.twice += envelope["id"] in self.ids
        self.ids.add(envelope["id"])
        self.lags.append((message.metadata.timestamp - datetime.fromisoformat(envelope["time"])).total_seconds())
        self._next = message.metadata.sequence.stream + 1


async def _silent(_error: Exception) -> None:
    pass


def load(folder: Path, many: int, seconds: float, outage_s: float) -> Figures:
    """Let `many` rooms speak for `seconds`; the server is killed at each third, and back after `outage_s`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(16384, hard), hard))
    events = recorded(folder)
    server = NatsServer(folder / "server")
    server.start()
    rooms = [Room(f"ipc://{folder}/r{k}", f"room{k}", f"s{k}") for k in range(many)]
    endpoints = [part for room in rooms for part in ("--endpoint", room.endpoint)]
    with bridge("nats", *endpoints, "--server", server.url, "--queue", str(QUEUE), folder=folder) as process:
        for room in rooms:
            room.wait()
        until(lambda: process.said("open to"))
        reader, cpu, begun = Reader(server.url), process.cpu_s(), time.monotonic()
        parts = (1 / 3, 2 / 3)

        def outages() -> None:
            for part in parts:
                time.sleep(max(0.0, begun + seconds * part - time.monotonic()))
                server.kill()
                time.sleep(outage_s)
                server.start()

        breaker = threading.Thread(target=outages)
        breaker.start()
        sent = play(rooms, events, seconds)
        took = time.monotonic() - begun
        breaker.join()
        with contextlib.suppress(AssertionError):  # what is not there by then is lost
            until(lambda: len(reader.ids) >= sent, PATIENCE_S)
        share, memory = (process.cpu_s() - cpu) / (time.monotonic() - begun), process.memory_mb()
        reader.close()
        code = process.end(signal.SIGTERM)
    for room in rooms:
        room.close()
    server.kill()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    lost = sent - len(reader.ids)
    # What the bridge says of itself is what the reader found.
    assert code == 0
    assert process.said(f"{sent - lost} stored, {lost} lost, 0 not confirmed"), process.errors[-3:]
    lags = sorted(reader.lags)
    p50, p99 = (round(1000 * lags[int(q * (len(lags) - 1))], 1) for q in (0.5, 0.99))
    return Figures(
        many,
        sent,
        round(took, 1),
        len(parts),
        outage_s,
        lost,
        reader.twice,
        (p50, p99),
        round(memory, 1),
        round(share, 3),
    )
