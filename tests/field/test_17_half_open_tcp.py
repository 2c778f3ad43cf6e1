"""Row 17: half-open TCP. A relay between the two that goes on holding its connections and forwards nothing any more.

ZeroMQ's heartbeats are made as frequent as a test wants them; of that it shows that both sides act on them.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator

import pytest

import serd.events.endpoint
from serd.events.publisher import Publisher
from serd.events.subscribe import subscribe
from tests.support import wire

EVERY_MS, PATIENCE_MS = 100, 300
PATIENCE_S = 20.0


class Relay:
    """Forwards between who connects and a port, until it is told to swallow what its connections carry."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._swallowed = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    @property
    def connections(self) -> int:
        """Ever made."""
        return len(self._pairs)

    def swallow(self) -> None:
        """Of all connections so far, without closing any: as when a cable is pulled."""
        self._swallowed = len(self._pairs)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for pair in (*self._pairs, (self._server,)):
            for one in pair:
                one.close()

    def _run(self) -> None:
        while not self._over.is_set():
            live = {a: b for pair in self._pairs[self._swallowed :] for a, b in (pair, pair[::-1])}
            for ready in select.select([self._server, *live], [], [], 0.02)[0]:
                if ready is self._server:
                    self._pairs.append((ready.accept()[0], socket.create_connection(("127.0.0.1", self._port))))
                    continue
                with contextlib.suppress(OSError):
                    if data := ready.recv(1 << 16):
                        live[ready].sendall(data)
                    else:
                        live[ready].shutdown(socket.SHUT_WR)


@pytest.fixture
def relayed(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Publisher, Relay]]:
    monkeypatch.setattr(serd.events.endpoint, "HEARTBEAT_MS", EVERY_MS)
    monkeypatch.setattr(serd.events.endpoint, "PATIENCE_MS", PATIENCE_MS)
    publisher = Publisher(["tcp://127.0.0.1:*"], "mic", "s1")
    relay = Relay(int(publisher.endpoints[0].rpartition(":")[2]))
    yield publisher, relay
    relay.close()
    publisher.close(0)


def test_both_sides_notice_and_the_subscriber_comes_back(relayed: tuple[Publisher, Relay], measured):
    publisher, relay = relayed
    with subscribe(f"tcp://127.0.0.1:{relay.port}") as reader:
        assert publisher.wait_subscribers(1, PATIENCE_S)
        sent = publisher.publish(wire.status())
        assert reader.receive(PATIENCE_S) == sent
        relay.swallow()
        cut = time.monotonic()
        while publisher.subscribers and time.monotonic() < cut + PATIENCE_S:
            publisher.poll()
            time.sleep(0.01)
        assert publisher.subscribers == 0, "the publisher has let go of who is not there any more"
        gone = time.monotonic() - cut
        missed = [publisher.publish(wire.frame(k)) for k in range(3)]
        while not publisher.subscribers and time.monotonic() < cut + PATIENCE_S:
            publisher.poll()
            assert reader.receive(0.01) is None or publisher.subscribers  # ZeroMQ subscribes anew when it is read from
        assert publisher.subscribers == 1, "and the subscriber came by another connection"
        back = time.monotonic() - cut
        assert relay.connections == 2
        sent = publisher.publish(wire.frame(3))
        while (event := reader.receive(PATIENCE_S)) is not None and event["type"] != "serd.v1.frame":
            pass
        assert event == sent
        assert reader.lost == 0, "it knew of no frame before this one"
        assert event["data"]["sequence"] == len(missed), "but the number tells"
        measured(detected_s=gone, recovered_s=back)
