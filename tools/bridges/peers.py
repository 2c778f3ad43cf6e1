"""The other sides of the bridges: each takes what its bridge sends, and counts the bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from tests.support.mosquitto import free_port, running
from tests.support.natsserver import NatsServer
from tests.support.relay import Relay

Bytes = Callable[[], int]
"""How many have come so far."""
Peer = Callable[[Path], AbstractContextManager[tuple[list[str], Bytes]]]
"""Takes a folder of its own; the bridge's arguments that lead to it, and its count."""


@contextlib.contextmanager
def mqtt(folder: Path) -> Iterator[tuple[list[str], Bytes]]:
    """mosquitto, through a relay that counts."""
    for broker in running(folder / "broker"):
        with contextlib.closing(Relay(broker.port)) as relay:
            yield ["--broker", f"mqtt://127.0.0.1:{relay.port}"], lambda: relay.sent


@contextlib.contextmanager
def prometheus(_: Path) -> Iterator[tuple[list[str], Bytes]]:
    """A scrape every 5 s, three times as often as is usual."""
    port, scraped, over = free_port(), [0], threading.Event()

    def scrape() -> None:
        while not over.wait(5):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
                scraped[0] += len(answer.read())

    threading.Thread(target=scrape, daemon=True).start()
    yield ["--listen", f"127.0.0.1:{port}", "--emotions"], lambda: scraped[0]
    over.set()


@contextlib.contextmanager
def web(_: Path) -> Iterator[tuple[list[str], Bytes]]:
    """One reader of the server-sent events."""
    port, received, over = free_port(), [0], threading.Event()

    def read() -> None:
        while not over.wait(0.1):
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{port}/events") as answer,
            ):
                while not over.is_set():
                    received[0] += len(answer.readline())

    threading.Thread(target=read, daemon=True).start()
    yield ["--listen", f"127.0.0.1:{port}"], lambda: received[0]
    over.set()


@contextlib.contextmanager
def nats(folder: Path) -> Iterator[tuple[list[str], Bytes]]:
    """nats-server with JetStream, through a relay that counts."""
    server = NatsServer(folder / "server")
    server.start()
    try:
        with contextlib.closing(Relay(server.port)) as relay:
            yield ["--server", f"nats://127.0.0.1:{relay.port}"], lambda: relay.sent
    finally:
        server.kill()


@contextlib.contextmanager
def osc(_: Path) -> Iterator[tuple[list[str], Bytes]]:
    """A socket."""
    received = [0]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def count() -> None:
            with contextlib.suppress(OSError):
                while True:
                    received[0] += len(sock.recv(65536))

        threading.Thread(target=count, daemon=True).start()
        yield ["--target", f"127.0.0.1:{sock.getsockname()[1]}"], lambda: received[0]


@contextlib.contextmanager
def lsl(_: Path) -> Iterator[tuple[list[str], Bytes]]:
    """An inlet a stream: its samples' bytes, without LSL's frame around them."""
    import pylsl

    received, over = [0], threading.Event()

    def pull() -> None:
        inlets: dict[str, pylsl.StreamInlet] = {}
        while not over.is_set():
            if not inlets:
                inlets |= {
                    info.uid(): pylsl.StreamInlet(info)
                    for info in pylsl.resolve_byprop("type", "VoiceEmotion", timeout=1)
                }
            for inlet in inlets.values():
                samples, _ = inlet.pull_chunk(0.2)
                received[0] += sum(len(sample) * 4 + 8 for sample in samples)

    thread = threading.Thread(target=pull)
    thread.start()
    yield [], lambda: received[0]
    over.set()
    thread.join()


@contextlib.contextmanager
def command(_: Path) -> Iterator[tuple[list[str], Bytes]]:
    """The smallest program; its own cost is not counted."""
    yield ["--", "/bin/true"], lambda: 0


PEERS: dict[str, Peer] = {
    "mqtt": mqtt, "prometheus": prometheus, "web": web, "nats": nats, "osc": osc, "lsl": lsl, "command": command,
}  # fmt: skip
"""By the bridges' names."""
