"""Hostile envelopes through every bridge at once: none dies, and a good event is handed on afterwards."""

from __future__ import annotations

import contextlib
import copy
import itertools
import json
import math
import random
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from pythonosc.osc_bundle import OscBundle

from tests.support import wire
from tests.support.bridging import Process, bridge, until
from tests.support.mosquitto import Broker, Listener, running
from tests.support.natsserver import NatsServer
from tests.support.natsserver import running as running_nats

ODD: list[Any] = [
    None, True, 0, -1, 0.5, 2**63, 10**40, 1e308, "", "a" * 300, "\0", "\x1b[2J", "\u202e", "\ud800", [], {}, [[]],
    {"": {}}, {"a/b": 1}, [None] * 100, "1", "NaN", "../../x", "a\nb", {"x" * 5000: 0.5}, "+/#", math.pi,
]  # fmt: skip
SOURCES = ["room1", "b", "bridge", "z" * 64, "_"]


def envelopes() -> Iterator[tuple[bytes, Any]]:
    """Topic and body of some thousand messages: whole events, with values exchanged, removed or added."""
    chance = random.Random(20)
    events = [wire.frame(), wire.quiet(), wire.segment(), wire.segment(1, "gap"), wire.status(), wire.status("muted")]
    for k in range(3000):
        event, source = chance.choice(events), chance.choice(SOURCES)
        data = {"session": "s", "sequence": k, "latency_ms": 1.0, **copy.deepcopy(dict(event.data))}
        body = {
            "specversion": "1.0", "id": str(k), "source": source, "type": f"serd.v1.{event.kind}",
            "time": "2026-01-02T03:04:05.678Z", "dataschema": "urn:serd:events:v1",
            "data": data,
        }  # fmt: skip
        for _ in range(chance.choice((0, 1, 1, 2, 5))):
            place: Any = chance.choice([body, data, data, data.get("quality")])
            if isinstance(place, dict):
                name = chance.choice([*place, "x"])
                if chance.random() < 0.2:
                    place.pop(name, None)
                else:
                    place[name] = chance.choice(ODD)
        yield f"serd.v1.{source}.{event.kind}.".encode(), body


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    yield from running(tmp_path / "broker")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    yield from running_nats(tmp_path / "nats")


def test_hostile_envelopes_kill_no_bridge(broker: Broker, server: NatsServer, tmp_path: Path) -> None:
    endpoint, log = f"ipc://{tmp_path}/events", tmp_path / "log"
    with (
        zmq.Context() as context,
        context.socket(zmq.XPUB) as sock,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver,
        contextlib.closing(Listener(broker.port)) as listener,
        contextlib.ExitStack() as stack,
    ):
        sock.set(zmq.LINGER, 0)
        sock.set(zmq.SNDHWM, 0)
        sock.set(zmq.XPUB_VERBOSE, 1)
        sock.bind(endpoint)
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(0.5)
        target = f"127.0.0.1:{receiver.getsockname()[1]}"
        commands = (
            ("mqtt", "--broker", broker.url),
            ("prometheus", "--listen", "127.0.0.1:0", "--emotions"),
            ("web", "--listen", "127.0.0.1:0"),
            ("nats", "--server", server.url),
            ("lsl",),
            ("osc", "--target", target),
            ("command", "--label", "glad", "--", "/bin/sh", "-c", f"cat >> {log}"),
        )
        processes: dict[str, Process] = {}
        for name, *more in commands:
            arguments = [name, "--endpoint", endpoint, "--queue", "100000", *more]
            process = stack.enter_context(bridge(*arguments, folder=tmp_path))
            until(lambda process=process: process.said("open to"))
            processes[name] = process
        exporter, streams = processes["prometheus"], processes["lsl"]
        for _ in commands:
            assert sock.recv() == b"\x01serd.v1."
        for topic, body in envelopes():
            sock.send_multipart([topic, json.dumps(body).encode("utf-8", "replace")])
        for junk in (b"", b"\0" * 70_000, b"[" * 100_000, b"\xff" * 4096):
            sock.send_multipart([b"serd.v1.room1.frame.", junk])
            sock.send_multipart([junk[:300], junk, junk])
        # Afterwards a source of its own, with a label of its own.
        for event in (wire.status(), wire.frame(), wire.segment(), wire.segment(0, "stop")):
            sock.send_multipart(good(event, 1 if event.data.get("phase") == "end" else 0))
        until(lambda: b"glad" in (listener.last("serd/last/state") or b""), 60)
        until(lambda: 'emotion="glad",source="last"' in scraped(exporter), 60)
        until(lambda: log.exists() and log.read_text().count("last-segment") == 2, 60)
        until(lambda: any(one["source"] == "last" and one["type"].endswith("segment") for one in server.stored()), 60)
        until(lambda: "last" in json.loads(fetched(processes["web"], "/healthz"))["rooms"], 60)
        numbers = itertools.count(1)

        def arrives() -> bool:
            """What overflowed meanwhile is gone, as UDP is: another one is sent."""
            sock.send_multipart(good(wire.frame(), next(numbers)))
            return any(b"/serd/last/emotion" in OscBundle(packet).dgram for packet in packets(receiver))

        until(arrives, 60)

        def malformed() -> float:
            """As of the bridge's last heartbeat."""
            lines = scraped(exporter).splitlines()
            return float(next(line for line in lines if line.startswith("serd_bridge_malformed_t")).split()[1])

        until(lambda: malformed() > 500, 60)  # most were refused
        assert streams.end() == 0, "LSL tells only by living on"
        assert streams.said("events handed on") == streams.said("malformed")


def good(event: wire.Event, sequence: int) -> list[bytes]:
    """The event of a model that knows other labels."""
    data = {**event.data, "session": "t", "sequence": sequence, "latency_ms": 1.0}
    if event.kind == "status":
        data["labels"] = ["glad", "sad"]
    else:
        data |= {"label": "glad", "probabilities": {"glad": 0.9, "sad": 0.1}}
    body = {
        "specversion": "1.0", "id": f"last-{event.kind}-{sequence}", "source": "last",
        "type": f"serd.v1.{event.kind}", "time": "2026-01-02T03:04:05.678Z", "data": data,
    }  # fmt: skip
    return [f"serd.v1.last.{event.kind}.".encode(), json.dumps(body).encode()]


def packets(receiver: socket.socket) -> Iterator[bytes]:
    """All that have come, and those of the next half second."""
    with contextlib.suppress(TimeoutError):
        while True:
            yield receiver.recv(65536)


def scraped(exporter: Process) -> str:
    return fetched(exporter, "")


def fetched(process: Process, path: str) -> str:
    """From the address that the bridge says it is open to."""
    url = next(line.split("open to ")[1].strip() for line in process.errors if "open to " in line)
    with urllib.request.urlopen(url.rstrip("/") + path, timeout=20) as answer:
        text: str = answer.read().decode()
        return text
