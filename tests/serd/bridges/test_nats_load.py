"""A fleet through one nats bridge into one server: 300 rooms, four frames a second each, with two outages.

`pytest -m long` takes ten minutes of it; what is not marked takes half a minute of 40 rooms.
"""

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
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import nats
import pytest

from serd.events.event import Event
from tests.support.bridging import ROOT, Process, Room, bridge, until
from tests.support.natsserver import NatsServer

PERIOD_S = 0.25


def recorded(serd: str, folder: Path) -> list[Event]:
    """The events of a real session, as fast as it goes, without what a publisher adds."""
    done = subprocess.run(
        [serd, "--demo", "--fast", "--headless", "--publish", f"ipc://{folder}/demo", "--source", "demo"],
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
        assert envelope["id"] not in self.ids, "stored twice"
        self.ids.add(envelope["id"])
        self.lags.append((message.metadata.timestamp - datetime.fromisoformat(envelope["time"])).total_seconds())
        self._next = message.metadata.sequence.stream + 1


async def _silent(_error: Exception) -> None:
    pass


def load(serd: str, folder: Path, many: int, seconds: float, outage_s: float) -> str:
    """Run it, and see that nothing is missing; what it took, in words."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(16384, hard), hard))
    events = recorded(serd, folder)
    server = NatsServer(folder / "server")
    server.start()
    rooms = [Room(f"ipc://{folder}/r{k}", f"room{k}", f"s{k}") for k in range(many)]
    endpoints = [part for room in rooms for part in ("--endpoint", room.endpoint)]
    with bridge("nats", *endpoints, "--server", server.url, "--queue", "20000", folder=folder) as process:
        for room in rooms:
            room.wait()
        until(lambda: process.said("open to"))
        reader, cpu, begun = Reader(server.url), cpu_s(process), time.monotonic()

        def outages() -> None:
            for part in (1 / 3, 2 / 3):
                time.sleep(max(0.0, begun + seconds * part - time.monotonic()))
                server.kill()
                time.sleep(outage_s)
                server.start()

        breaker = threading.Thread(target=outages)
        breaker.start()
        sent = play(rooms, events, seconds)
        took = time.monotonic() - begun
        breaker.join()
        until(lambda: len(reader.ids) >= sent, 60)
        share = (cpu_s(process) - cpu) / took
        memory = process.memory_mb()
        reader.close()
        assert process.end(signal.SIGTERM) == 0
        assert process.said(f"{sent} stored, 0 lost, 0 not confirmed"), process.errors[-3:]
        assert not process.said("lost on the way")
    assert len(reader.ids) == sent
    for room in rooms:
        room.close()
    server.kill()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    lags = sorted(reader.lags)
    p50, p99 = (1000 * lags[int(q * (len(lags) - 1))] for q in (0.5, 0.99))
    return (
        f"{many} rooms, {sent} events in {took:.0f} s ({sent / took:.0f} a second), two outages of {outage_s:g} s:"
        f" 0 lost, 0 twice; stored after p50 {p50:.0f} ms, p99 {p99:.0f} ms with the outages;"
        f" bridge {memory:.0f} MB at most, {100 * share:.0f} % of a core"
    )


def cpu_s(process: Process) -> float:
    """Seconds of processor that it has had."""
    fields = Path(f"/proc/{process.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_small_fleet_over_two_outages(serd: str, tmp_path: Path) -> None:
    print(load(serd, tmp_path, 40, 20, 2), file=sys.stderr)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_three_hundred_rooms_for_ten_minutes_over_two_outages(serd: str, tmp_path: Path) -> None:
    print(load(serd, tmp_path, 300, 600, 10), file=sys.stderr)
