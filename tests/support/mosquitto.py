"""A real MQTT broker (Debian's mosquitto) that can be killed and restarted, and a client that remembers."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.bridging import PATIENCE, until

PROGRAM = shutil.which("mosquitto") or shutil.which("/usr/sbin/mosquitto")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Broker:
    """mosquitto on a port of its own. What it retained outlives a restart."""

    def __init__(self, folder: Path, *lines: str, anonymous: bool = True) -> None:
        if PROGRAM is None:
            pytest.skip("mosquitto is not installed; script/test does that")
        self.port = free_port()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        configuration = [
            f"listener {self.port} 127.0.0.1",
            f"allow_anonymous {str(anonymous).lower()}",
            # Handed on at once: what a killed broker had acknowledged and kept would be its own loss.
            "max_inflight_messages 0",
            *lines,
            "user root",
        ]
        (folder / "mosquitto.conf").write_text("\n".join(configuration) + "\n")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self) -> None:
        assert PROGRAM is not None
        self._process = subprocess.Popen(
            [PROGRAM, "-c", str(self.folder / "mosquitto.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._answers)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, "mosquitto ended"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Listener:
    """Hears all topics, and comes back after a loss of the connection."""

    def __init__(self, port: int) -> None:
        self.heard: list[tuple[str, bytes, bool]] = []
        """Topic, payload, and whether it was retained, of each message."""
        self._subscribed = 0
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe("#", 1)
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        until(lambda: self._subscribed)

    def last(self, topic: str) -> bytes | None:
        """The last payload on the topic."""
        return next((payload for name, payload, _ in reversed(list(self.heard)) if name == topic), None)

    def all(self, topic: str) -> list[bytes]:
        """All payloads on the topic."""
        return [payload for name, payload, _ in list(self.heard) if name == topic]

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE)

    def subscribed(self) -> int:
        """How often it has subscribed: once more after each loss of the broker."""
        return self._subscribed

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _on_subscribe(self, *_: Any) -> None:
        self._subscribed += 1

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        self.heard.append((message.topic, bytes(message.payload), message.retain))


def running(folder: Path, *lines: str, anonymous: bool = True) -> Iterator[Broker]:
    """A broker, for a fixture to yield."""
    broker = Broker(folder, *lines, anonymous=anonymous)
    broker.start()
    yield broker
    broker.kill()
