"""The NATS bridge: every event, durably, into one JetStream stream, from which many may read and none is lost."""

from __future__ import annotations

import asyncio
import logging
import platform
import re
import ssl
from dataclasses import dataclass
from typing import ClassVar

from serd.bridges.bridge import Health
from serd.bridges.delivery import Delivery
from serd.bridges.options import Settings, option
from serd.bridges.secret import read_secret
from serd.bridges.spool import Entry, Spool
from serd.bridges.stream import MAX_AGE_S, Stream
from serd.config.schema import number, path, text, whole
from serd.errors import ConfigError, UsageError
from serd.events.event import encode
from serd.events.natsclient import STREAM, URL, AwayError, Server, connect, disconnect, subject, translated_errors
from serd.events.reading import Reading

log = logging.getLogger("serd")


@dataclass(frozen=True)
class NatsSettings(Settings):
    """Settings of the NATS bridge."""

    server: str = option(
        "nats://127.0.0.1:4222", "nats://HOST:PORT or tls://HOST:PORT", text(URL),
        "tls is encrypted (default nats://127.0.0.1:4222)", "URL",
    )  # fmt: skip
    username: str | None = option(None, "a name", text(r"[^\0]{1,256}"), "to log in with", "NAME")
    password_file: str | None = option(
        None, "a file", path,
        "its first line is the password; mode 0600 (or systemd's credential nats_password)", "FILE",
    )  # fmt: skip
    ca: str | None = option(None, "a PEM file", path, "authorities to trust besides the system's", "FILE")
    certificate: str | None = option(None, "a PEM file", path, "our own, where the server wants one", "FILE")
    certificate_key: str | None = option(None, "a PEM file", path, "its private key", "FILE")
    client_id: str | None = option(
        None, "1 to 64 of A-Z a-z 0-9 _ -", text(r"[A-Za-z0-9_-]{1,64}"),
        "our name in the server's lists and in serd.bridge.NAME.health (default: from the host's)", "NAME",
    )  # fmt: skip
    stream: str = option(
        STREAM, "1 to 32 of A-Z a-z 0-9 _ -", text(r"[A-Za-z0-9_-]{1,32}"),
        f"the stream to publish into, made where it is missing (default {STREAM})", "NAME",
    )  # fmt: skip
    domain: str | None = option(
        None, "1 to 32 of A-Z a-z 0-9 _ -", text(r"[A-Za-z0-9_-]{1,32}"),
        "the JetStream domain of the hub, where the server is a leaf node of it", "NAME",
    )  # fmt: skip
    max_age_h: float | None = option(
        None, "hours in 0.01..87600", number(0.01, 87600),
        f"how long the server keeps events (default: {MAX_AGE_S / 3600:g}, or what the stream has already)", "HOURS",
    )  # fmt: skip
    spool_mb: int = option(
        128, "a whole number in 1..16384", whole(1, 16384),
        "memory for events while the server is away, in MB (default 128)", "MB",
    )  # fmt: skip
    purge: str | None = option(
        None, "1 to 64 of a-z 0-9 _ -", text("[a-z0-9_-]{1,64}"), "delete this source's events, and leave", "SOURCE"
    )


class Nats:
    """Publish to NATS JetStream, each event until the server has confirmed it.

    Subject `serd.v1.<source>.<kind>`, body the envelope, `Nats-Msg-Id` its id. While the server is away events are
    kept in a spool in memory, never on disk.
    """

    Settings: ClassVar[type[Settings]] = NatsSettings

    def __init__(self, settings: NatsSettings) -> None:
        self._settings = settings
        password = read_secret(settings.password_file, "nats_password")
        self._server = Server(settings.server, settings.username, password, _tls(settings), settings.domain)
        age = settings.max_age_h
        self._stream = Stream(settings.stream, None if age is None else age * 3600)
        # A subject's parts are divided by dots.
        host = re.sub(r"[^A-Za-z0-9_-]", "-", platform.node()[:40])
        self._name = settings.client_id or "-".join(filter(None, ("serd", host, settings.source)))
        self._spool = Spool(settings.spool_mb * 1_000_000)
        self._delivery = Delivery(self._server, self._stream, self._spool, self._name)
        self._told_lost = 0

    @property
    def target(self) -> str:
        """The server; while it is away, how much waits for it."""
        away = f" (away; {len(self._spool)} in the spool)" if self._delivery.away else ""
        return f"{self._settings.server}{away}"

    def run_oneshot(self) -> bool:
        """Purge a source where that is asked for. Raises ConfigError, UsageError."""
        source = self._settings.purge
        if source is None:
            return False
        try:
            count = asyncio.run(self._purge(source))
        except AwayError as error:
            raise UsageError(f"{error}; nothing is known to be purged") from None
        print(f"purged {count} events of {source} from stream {self._stream.name} at {self._server.url}")
        return True

    def open(self) -> None:
        """Begin to deliver. A server that is away is no error: the spool takes what comes."""
        self._delivery.start()

    def take(self, event: Reading) -> None:
        """Put an event into the spool."""
        self._spool.put(Entry(event.id, subject(event.source, event.kind), encode(event.envelope)))
        self._delivery.wake()

    def beat(self, health: Health) -> None:
        """Publish counts to whoever listens, and log new losses."""
        spool = self._spool
        counts = {"taken": health.taken, "stored": spool.settled, "spooled": len(spool), "spool_bytes": spool.size}
        losses = {"lost": spool.lost, "dropped": health.dropped, "missed": health.lost}
        self._delivery.tell(f"serd.bridge.{self._name}.health", encode(counts | losses))
        if spool.lost > self._told_lost:
            log.warning("bridge nats: %d events lost so far, for which the spool had no room", spool.lost)
            self._told_lost = spool.lost

    def close(self) -> None:
        """Deliver what can be delivered at once, and disconnect."""
        self._delivery.stop()
        spool = self._spool
        level = logging.WARNING if spool.lost or len(spool) else logging.INFO
        if spool.settled or spool.lost or len(spool):
            log.log(level, "bridge nats: %d stored, %d lost, %d not confirmed", spool.settled, spool.lost, len(spool))

    async def _purge(self, source: str) -> int:
        client = await connect(self._server, self._name)
        try:
            with translated_errors(self._server):
                return await self._stream.purge(client, self._settings.domain, source)
        finally:
            await disconnect(client)


def _tls(settings: NatsSettings) -> ssl.SSLContext | None:
    """What encrypts, if anything has to be known besides the URL. Raises ConfigError for files that cannot be."""
    files = [file for file in (settings.ca, settings.certificate, settings.certificate_key) if file]
    if not files:
        return None
    context = ssl.create_default_context()
    try:
        if settings.ca:
            context.load_verify_locations(settings.ca)
        if settings.certificate:
            context.load_cert_chain(settings.certificate, settings.certificate_key)
    except (OSError, ValueError) as error:  # an SSLError is an OSError
        raise ConfigError(f"certificate {', '.join(files)}: cannot be used ({error}); give PEM files") from None
    return context
