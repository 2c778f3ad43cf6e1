"""A real Home Assistant takes the discovery, shows what is heard, and mutes.

Not in every run, for Home Assistant takes 600 MB and minutes. In an environment of its own, Python 3.13:
`pip install homeassistant==2025.4.4 paho-mqtt==2.1.0`, then
`SERD_TEST_HASS=/path/to/hass python -m pytest -m homeassistant tests/serd/bridges/test_home_assistant.py`.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import wire
from tests.support.bridging import Room, bridge, serd_at_a_pipe, until
from tests.support.mosquitto import Broker, Listener, running

pytestmark = pytest.mark.homeassistant

PATIENCE = 240.0
ENTRY = {
    "created_at": "2025-01-01T00:00:00+00:00", "modified_at": "2025-01-01T00:00:00+00:00", "disabled_by": None,
    "discovery_keys": {}, "domain": "mqtt", "entry_id": "01JGFJJZ008DR5SMYRZ3XD3TY3", "minor_version": 1,
    "options": {}, "pref_disable_new_entities": False, "pref_disable_polling": False, "source": "user",
    "subentries": [], "title": "MQTT", "unique_id": None, "version": 1,
}  # fmt: skip
CONFIGURATION = """
homeassistant: {name: Test}
http: {server_port: 18123, server_host: 127.0.0.1}
logger:
  default: warning
  logs: {homeassistant.core: debug}
automation:
  - alias: mute
    triggers: [{trigger: mqtt, topic: test/mute}]
    actions: [{action: switch.turn_off, target: {entity_id: switch.serd_room1_microphone}}]
"""


class HomeAssistant:
    """A process, and what its log says of its entities."""

    def __init__(self, folder: Path, broker: Broker) -> None:
        program = os.environ.get("SERD_TEST_HASS")
        if not program:
            pytest.skip("SERD_TEST_HASS does not name a hass; the head of this file says how to install it")
        (folder / ".storage").mkdir(parents=True)
        (folder / "configuration.yaml").write_text(CONFIGURATION)
        entry = {**ENTRY, "data": {"broker": "127.0.0.1", "port": broker.port}}
        stored = {"version": 1, "minor_version": 5, "key": "core.config_entries", "data": {"entries": [entry]}}
        (folder / ".storage" / "core.config_entries").write_text(json.dumps(stored))
        self._log = folder / "home-assistant.log"
        self._process = subprocess.Popen(
            [program, "-c", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def states(self, entity: str) -> list[str]:
        """All that the entity was in, in their order."""
        return re.findall(rf"new_state=<state {re.escape(entity)}=([^;>]*)[;>]", self.log)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(60)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    yield from running(tmp_path / "broker")


@pytest.fixture
def home(tmp_path: Path, broker: Broker) -> Iterator[HomeAssistant]:
    with contextlib.closing(HomeAssistant(tmp_path / "home", broker)) as home:
        yield home


def test_home_assistant_shows_what_is_heard_and_never_unknown_again(
    home: HomeAssistant, broker: Broker, tmp_path: Path
) -> None:
    with (
        contextlib.closing(Room(f"ipc://{tmp_path}/events")) as room,
        bridge("mqtt", "--endpoint", room.endpoint, "--broker", broker.url, folder=tmp_path),
    ):
        room.wait()
        frame = wire.frame()
        active = wire.Event("frame", {**frame.data, "activation": {"value": 0.8, "confidence": 0.8}}, frame.arrived)
        room.send(wire.status(), active)

        def shown(entity: str, state: str) -> bool:
            room.send(wire.status())
            return state in home.states(entity)

        until(lambda: shown("sensor.serd_room1_emotion", "happy"), PATIENCE)
        until(lambda: shown("sensor.serd_room1_confidence", "70.0"))
        until(lambda: shown("sensor.serd_room1_activation", "80.0"))
        until(lambda: shown("binary_sensor.serd_room1_speech", "on"))
        until(lambda: shown("sensor.serd_room1_state", "listening"))
        until(lambda: shown("switch.serd_room1_microphone", "on"))
        room.send(wire.quiet())
        until(lambda: shown("sensor.serd_room1_emotion", "no-speech"))
        until(lambda: shown("sensor.serd_room1_confidence", "0.0"))
        room.send(wire.segment(1))
        until(lambda: "'event_type': 'happy'" in home.log or "event_type=happy" in home.log)
        room.send(wire.status("muted"))
        until(lambda: "unavailable" in home.states("sensor.serd_room1_emotion"))
        until(lambda: "off" in home.states("switch.serd_room1_microphone"))
        for entity in ("sensor.serd_room1_emotion", "sensor.serd_room1_confidence", "sensor.serd_room1_activation"):
            states = home.states(entity)
            known = states.index(next(state for state in states if state not in ("unknown", "unavailable")))
            assert "unknown" not in states[known:], states
        wrong = [line for line in home.log.splitlines() if re.search(r"(ERROR|WARNING).*mqtt", line)]
        assert wrong == []


def test_its_switch_mutes_a_real_serd(home: HomeAssistant, broker: Broker, tmp_path: Path, serd: str) -> None:
    endpoint = f"ipc://{tmp_path}/events"
    with (
        contextlib.closing(Listener(broker.port)) as listener,
        serd_at_a_pipe(serd, endpoint, tmp_path),
        bridge("mqtt", "--endpoint", endpoint, "--broker", broker.url, folder=tmp_path),
    ):
        until(lambda: "on" in home.states("switch.serd_room1_microphone"), PATIENCE)
        listener.publish("test/mute", "now")
        until(lambda: b"muted" in (listener.last("serd/room1/status") or b""))
        until(lambda: home.states("switch.serd_room1_microphone")[-1] == "off")
