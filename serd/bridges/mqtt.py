"""The MQTT bridge: each serd's state, status and segments under `serd/<source>/`, and a switch that mutes it."""

from __future__ import annotations

import logging
import platform
import time
from dataclasses import dataclass
from typing import ClassVar

from serd.bridges import mute
from serd.bridges.bridge import Health
from serd.bridges.broker import URL, Broker
from serd.bridges.homeassistant import discovery
from serd.bridges.options import ControlSettings, Settings, option
from serd.bridges.repeats import Repeats
from serd.bridges.secret import read_secret
from serd.bridges.topics import Topics, segment, standing, state
from serd.config.schema import path, text, truth
from serd.events.event import encode
from serd.events.reading import FrameEvent, Reading, StatusEvent

log = logging.getLogger("serd")

STATE_S = 4.5
"""A state that does not change is sent again after so long: at least every 5 s, frames coming each stride."""

SILENT_S = 15.0
"""A serd that said nothing for so long is taken for gone: it says something every 5 s."""

SOURCES = 1024
"""Most serds of one bridge."""

HEARING = ("listening", "silent")
"""States of the daemon in which it judges audio."""


@dataclass(frozen=True)
class MqttSettings(ControlSettings):
    """Settings of the MQTT bridge."""

    broker: str = option(
        "mqtt://127.0.0.1:1883", "mqtt://HOST:PORT or mqtts://HOST:PORT", text(URL),
        "mqtts is TLS (default mqtt://127.0.0.1:1883)", "URL",
    )  # fmt: skip
    username: str | None = option(None, "a name", text(r"[^\0]{1,256}"), "to log in with", "NAME")
    password_file: str | None = option(
        None,
        "a file",
        path,
        "its first line is the password; mode 0600 (or systemd's credential mqtt_password)",
        "FILE",
    )
    ca: str | None = option(None, "a PEM file", path, "authorities to trust besides the system's", "FILE")
    certificate: str | None = option(None, "a PEM file", path, "our own, where the broker wants one", "FILE")
    certificate_key: str | None = option(None, "a PEM file", path, "its private key", "FILE")
    client_id: str | None = option(
        None, "1 to 64 of A-Z a-z 0-9 . _ -", text(r"[A-Za-z0-9._-]{1,64}"),
        "our name at the broker, which no other client may have (default: from the host's)", "NAME",
    )  # fmt: skip
    prefix: str = option(
        "serd", "a topic without wildcards", text(r"[^\0+#/\s][^\0+#\s]{0,99}"), "of all topics (default serd)", "TOPIC"
    )
    discovery: str = option(
        "homeassistant", "a topic without wildcards, or empty", text(r"([^\0+#/\s][^\0+#\s]{0,99})?"),
        "Home Assistant's discovery prefix; empty: no discovery (default homeassistant)", "TOPIC",
    )  # fmt: skip
    allow_unmute: bool = option(False, "true or false", truth, "let the broker open a microphone, not only close it")


class _Room:
    """What is known of one source, and what the broker was told of it."""

    def __init__(self, topics: Topics) -> None:
        self.topics = topics
        self.status: StatusEvent | None = None
        self.heard = time.monotonic()
        self.activation = False
        """Whether its model says anything about activation."""
        self.forget()

    def forget(self) -> None:
        """Tell everything anew."""
        self.told: dict[str, bytes] = {}
        self.emotion = ""
        self.state_told = float("-inf")


class Mqtt:
    """Publish to an MQTT broker, with Home Assistant's discovery and a microphone switch.

    State is retained, sent on change and at least every 5 s; segments are not retained.
    """

    Settings: ClassVar[type[Settings]] = MqttSettings

    def __init__(self, settings: MqttSettings) -> None:
        mute.check(settings)
        self._settings = settings
        name = settings.client_id or "-".join(filter(None, ("serd", platform.node()[:40], settings.source)))
        self._availability = f"{settings.prefix}/bridge/{name}/availability"
        self._broker = Broker(settings.broker, name, self._availability)
        self._broker.authenticate(settings.username, read_secret(settings.password_file, "mqtt_password"))
        if self._broker.is_tls:
            self._broker.encrypt(settings.ca, settings.certificate, settings.certificate_key)
        self._broker.hear(f"{settings.prefix}/+/microphone/set", self._commanded)
        if settings.discovery:
            self._broker.hear(f"{settings.discovery}/status", self._greeted)
        self._rooms: dict[str, _Room] = {}
        self._repeats = Repeats()
        self._commands = mute.MuteCommands(settings)
        self._anew = False

    @property
    def target(self) -> str:
        """The broker."""
        return self._settings.broker

    def open(self) -> None:
        """Connect; all is told anew, for the broker may have forgotten it."""
        self._anew = True
        self._broker.open()

    def take(self, event: Reading) -> None:
        """Publish what an event changes."""
        repeated = self._repeats.holds(event)
        room = self._rooms.get(event.source)
        if room is None:
            if len(self._rooms) >= SOURCES:
                log.warning("bridge mqtt: more than %d sources; source %s is left out", SOURCES, event.source)
                return
            room = self._rooms[event.source] = _Room(Topics(self._settings.prefix, event.source))
        self._greet()
        room.heard = time.monotonic()
        if isinstance(event, StatusEvent):
            room.status = event
            self._tell_status(room, event)
        elif isinstance(event, FrameEvent):
            self._tell_state(room, event)
        elif not repeated:
            self._broker.send(room.topics.segment, encode(segment(event)))

    def beat(self, health: Health) -> None:
        """Tell of serds that have fallen silent, and how this bridge is."""
        self._greet()
        beat = {"taken": health.taken, "dropped": health.dropped, "lost": health.lost, "queued": health.queued}
        self._broker.send(self._availability.removesuffix("availability") + "health", encode(beat), retain=True)
        for room in self._rooms.values():
            if time.monotonic() - room.heard > SILENT_S:
                self._tell(room, room.topics.availability, b"offline")
                self._tell(room, room.topics.hearing, b"offline")

    def close(self) -> None:
        """Say that this bridge is offline, and disconnect."""
        self._broker.close()

    def _greet(self) -> None:
        """Tell everything anew where it was asked for: after a connect, and when Home Assistant starts."""
        if not self._anew:
            return
        self._anew = False
        for room in self._rooms.values():
            room.forget()
            if room.status is not None:
                self._tell_status(room, room.status)

    def _tell_status(self, room: _Room, status: StatusEvent) -> None:
        topics = room.topics
        if self._settings.discovery:
            device = discovery(topics, self._availability, status, activation=room.activation)
            self._tell(room, f"{self._settings.discovery}/device/serd_{status.source}/config", encode(device))
        alive = status.state not in ("stopped", "failed")
        self._tell(room, topics.availability, b"online" if alive else b"offline")
        self._tell(room, topics.hearing, b"online" if status.state in HEARING else b"offline")
        self._tell(room, topics.status, encode(standing(status)))

    def _tell_state(self, room: _Room, frame: FrameEvent) -> None:
        if frame.activation is not None and not room.activation:
            room.activation = True
            if room.status is not None:
                self._tell_status(room, room.status)  # the discovery has one entity more
        emotion, now = frame.label or frame.state, time.monotonic()
        if emotion != room.emotion or now - room.state_told >= STATE_S:
            self._broker.send(room.topics.state, encode(state(frame)), retain=True)
            room.emotion, room.state_told = emotion, now

    def _tell(self, room: _Room, topic: str, payload: bytes) -> None:
        """Retained, and only when it differs from what was told last."""
        if room.told.get(topic) != payload:
            self._broker.send(topic, payload, retain=True)
            room.told[topic] = payload

    def _greeted(self, _topic: str, payload: bytes) -> None:
        if payload == b"online":
            self._anew = True

    def _commanded(self, topic: str, payload: bytes) -> None:
        source = topic.removeprefix(f"{self._settings.prefix}/").partition("/")[0]
        commands: dict[bytes, mute.Word] = {b"OFF": "mute", b"ON": "unmute"}
        word = commands.get(payload)
        if word is None or source not in self._rooms:
            log.warning("bridge mqtt: a command for nobody, or that is neither ON nor OFF, was left out")
        elif word == "unmute" and not self._settings.allow_unmute:
            log.warning("bridge mqtt: source %s: a broker may not unmute it; --allow-unmute lets it", source)
        else:
            self._commands.put(source, word)
