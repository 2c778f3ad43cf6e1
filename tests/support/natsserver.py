"""A real nats-server with JetStream that can be killed and restarted, and what a test asks it."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import nats
import pytest
from nats.aio.client import Client

from tests.support.bridging import until
from tests.support.mosquitto import free_port

T = TypeVar("T")
PROGRAM = shutil.which("nats-server") or shutil.which("/usr/sbin/nats-server")


class NatsServer:
    """nats-server on a port of its own. What it stored outlives a kill."""

    def __init__(self, folder: Path, *lines: str, jetstream: bool = True, domain: str = "") -> None:
        if PROGRAM is None:
            pytest.skip("nats-server is not installed; script/test does that")
        self.port = free_port()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        named = f", domain: {domain}" if domain else ""
        store = [f'jetstream {{ store_dir: "{folder}/store"{named} }}'] if jetstream else []
        (folder / "nats.conf").write_text("\n".join([f'listen: "127.0.0.1:{self.port}"', *store, *lines]) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        assert PROGRAM is not None
        self._process = subprocess.Popen(
            [PROGRAM, "-c", str(self.folder / "nats.conf"), "-l", str(self.folder / "log")], stdout=subprocess.DEVNULL
        )
        until(self._answers)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def ask(self, what: Callable[[Client], Awaitable[T]], **options: Any) -> T:
        """The answer of one connection's question."""

        async def asked() -> T:
            client = await nats.connect(self.url, allow_reconnect=False, **options)
            try:
                return await what(client)
            finally:
                await client.close()

        return asyncio.run(asked())

    def stored(self, stream: str = "serd") -> list[dict[str, Any]]:
        """The envelopes in the stream, in its order."""
        return [json.loads(data) for _, data, _ in self.messages(stream)]

    def messages(self, stream: str = "serd") -> list[tuple[str, bytes, dict[str, str]]]:
        """Subject, body and headers of all that the stream keeps."""

        async def all_of(client: Client) -> list[tuple[str, bytes, dict[str, str]]]:
            js = client.jetstream()
            state = (await js.stream_info(stream)).state
            found: list[tuple[str, bytes, dict[str, str]]] = []
            if state.messages:
                messages = await js.subscribe(">", stream=stream, ordered_consumer=True)
                while len(found) < state.messages:
                    message = await messages.next_msg(20)
                    found.append((message.subject, message.data, dict(message.headers or {})))
            return found

        return self.ask(all_of)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def running(folder: Path, *lines: str) -> Iterator[NatsServer]:
    """A server, for a fixture to yield."""
    server = NatsServer(folder, *lines)
    server.start()
    yield server
    server.kill()
