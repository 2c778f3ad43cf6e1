"""The OSC bridge: what is heard as Open Sound Control messages over UDP, for music, light and stage."""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from typing import ClassVar

from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from serd.bridges.bridge import Health, UnreachableError
from serd.bridges.options import Settings, option
from serd.config.schema import text
from serd.errors import UsageError
from serd.events.reading import FrameEvent, Reading

TARGET = r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})"


@dataclass(frozen=True)
class OscSettings(Settings):
    """Settings of the OSC bridge."""

    destination: str = option(
        "127.0.0.1:9000", "HOST:PORT", text(TARGET), "who is sent the messages (default 127.0.0.1:9000)", "HOST:PORT",
        flag="--target",
    )  # fmt: skip


class Osc:
    """Send OSC messages over UDP: /serd/SOURCE/emotion, /speech and /probabilities, a bundle each stride.

    UDP tells nobody whether they arrive. emotion: the label (or `uncertain`, `no-speech`) and its confidence;
    speech: its probability; probabilities: one number a label, in the model's order, not sent without speech.
    """

    Settings: ClassVar[type[Settings]] = OscSettings

    def __init__(self, settings: OscSettings) -> None:
        shape = re.fullmatch(TARGET, settings.destination)
        if shape is None or not 1 <= int(shape[2]) <= 65535:
            raise UsageError(f"--target {settings.destination}: there is no such port; give HOST:PORT")
        self._host, self._port, self._settings = shape[1].strip("[]"), int(shape[2]), settings
        self._socket: socket.socket | None = None

    @property
    def target(self) -> str:
        """Who is sent the messages."""
        return self._settings.destination

    def open(self) -> None:
        """Find the address. Raises UnreachableError if the name has none."""
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(family, kind, protocol)
            self._socket.setblocking(False)
            self._address = address
        except OSError as error:
            raise UnreachableError(f"--target {self.target}: cannot be found ({error.strerror})") from None

    def take(self, event: Reading) -> None:
        """Send a frame."""
        if not isinstance(event, FrameEvent) or self._socket is None:
            return
        bundle = OscBundleBuilder(IMMEDIATELY)
        for name, values in (
            ("emotion", (event.label or event.state, event.confidence or 0.0)),
            ("speech", (event.speech,)),
            ("probabilities", tuple((event.probabilities or {}).values())),
        ):
            if values:
                bundle.add_content(_message(f"/serd/{event.source}/{name}", values))
        try:
            self._socket.sendto(bundle.build().dgram, self._address)
        except BlockingIOError:
            pass  # the network takes no more; the next stride's is as good
        except OSError as error:
            raise UnreachableError(f"--target {self.target}: cannot be sent to ({error.strerror})") from None

    def beat(self, health: Health) -> None:
        """Nobody to tell."""

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None


def _message(address: str, values: tuple[str | float, ...]) -> OscMessage:
    builder = OscMessageBuilder(address)
    for value in values:
        builder.add_arg(value)
    return builder.build()
