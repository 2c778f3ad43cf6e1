"""The connection to an MQTT broker: TLS, credentials, last will; one line for whatever is wrong with it."""

from __future__ import annotations

import contextlib
import re
import ssl
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import MQTT_ERR_SUCCESS, Client, MQTTMessage, topic_matches_sub
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from serd.bridges.bridge import UnreachableError
from serd.errors import ConfigError

PORTS = {"mqtt": 1883, "mqtts": 8883}
URL = r"mqtts?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?"

PATIENCE_S = 5.0
"""Seconds for a connection to be made, and for a broker's answer to it."""

KEEPALIVE_S = 10
"""A broker that is silent for so long is taken for gone, and it tells our last will after one and a half times that."""

IN_FLIGHT, QUEUED = 100, 1000
"""Messages that may await the broker's receipt, and those that wait to be sent; beyond them it is too slow."""

REFUSALS = ("Bad user name or password", "Not authorized", "Client identifier not valid", "Banned")
"""Answers that the same credentials will get again."""

Hear = Callable[[str, bytes], None]


class Broker:
    """One client of one broker. What was sent with a receipt awaited is sent again after a loss of the connection."""

    def __init__(self, url: str, client_id: str, will: str) -> None:
        """`will`: the topic that says `offline`, retained, when this client is gone."""
        if not re.fullmatch(URL, url):
            raise ConfigError(f"broker {url[:200]!r}: not a broker; give mqtt://HOST:PORT or mqtts://HOST:PORT")
        parts = urlsplit(url)
        try:
            self._port = parts.port or PORTS[parts.scheme]
        except ValueError:
            raise ConfigError(f"broker {url}: there is no such port; give 1 to 65535") from None
        self._host, self.url, self._will = parts.hostname or "", url, will
        self._client = Client(CallbackAPIVersion.VERSION2, client_id, reconnect_on_failure=False)
        self._client.connect_timeout = PATIENCE_S
        self._client.max_inflight_messages_set(IN_FLIGHT)
        self._client.max_queued_messages_set(QUEUED)
        self._client.will_set(will, "offline", qos=1, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._answered = threading.Event()
        self._answer = ReasonCode(PacketTypes.CONNACK)
        self._heard: dict[str, Hear] = {}

    @property
    def is_tls(self) -> bool:
        """Whether what travels is encrypted."""
        return self.url.startswith("mqtts")

    def authenticate(self, username: str | None, password: str | None) -> None:
        """Before `open`."""
        if username is not None:
            self._client.username_pw_set(username, password)

    def encrypt(self, ca: str | None, certificate: str | None, key: str | None) -> None:
        """Before `open`: TLS, with the system's authorities or `ca`. Raises ConfigError for files that cannot be."""
        try:
            self._client.tls_set(ca, certificate, key)
        except (OSError, ValueError) as error:  # an SSLError is an OSError
            files = ", ".join(filter(None, (ca, certificate, key)))
            raise ConfigError(f"certificate {files}: cannot be used ({error}); give PEM files") from None

    def hear(self, topic: str, what: Hear) -> None:
        """Before `open`: pass topic and payload of messages on, from the client's thread; no retained ones."""
        self._heard[topic] = what

    def open(self) -> None:
        """Connect, and say `online`. Raises UnreachableError; ConfigError for what will be refused again."""
        self._answered.clear()
        try:
            self._client.connect(self._host, self._port, KEEPALIVE_S)
        except ssl.SSLCertVerificationError as error:
            fault = error.verify_message or str(error)
            raise ConfigError(f"broker {self.url}: its certificate is not trusted ({fault}); give --ca FILE") from None
        except (OSError, ValueError) as error:
            raise UnreachableError(f"broker {self.url}: cannot be reached ({_fault(error)})") from None
        self._client.loop_start()
        if not self._answered.wait(PATIENCE_S):
            raise UnreachableError(f"broker {self.url}: connects, and does not answer")
        if self._answer.is_failure:
            text = f"broker {self.url}: turns us away ({self._answer})"
            if str(self._answer) in REFUSALS:
                raise ConfigError(f"{text}; give --username NAME and --password-file FILE that it knows")
            raise UnreachableError(text)
        self.send(self._will, b"online", retain=True)

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Publish, with a receipt awaited (QoS 1). Raises UnreachableError if it is gone or too slow."""
        if not self._client.is_connected():
            raise UnreachableError(f"broker {self.url}: the connection was lost")
        done = self._client.publish(topic, payload, qos=1, retain=retain)
        if done.rc != MQTT_ERR_SUCCESS:
            raise UnreachableError(f"broker {self.url}: takes no more messages (too slow, or just gone)")

    def close(self) -> None:
        """Say `offline` and disconnect; harmless when closed."""
        if self._client.is_connected():
            with contextlib.suppress(ValueError, RuntimeError):  # it is the broker's to tell, then
                self._client.publish(self._will, b"offline", qos=1, retain=True).wait_for_publish(1.0)
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: Client, _data: Any, _flags: Any, code: ReasonCode, _properties: Any) -> None:
        if not code.is_failure and self._heard:
            client.subscribe([(topic, 1) for topic in self._heard])
        self._answer = code
        self._answered.set()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        if message.retain:  # a command from who knows when
            return
        for topic, what in self._heard.items():
            if topic_matches_sub(topic, message.topic):
                what(message.topic, bytes(message.payload))


def _fault(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(text).split())
