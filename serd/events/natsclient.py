"""The NATS client: one connection to one server, and one line for whatever is wrong with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js.client import JetStreamContext

from serd.errors import ConfigError
from serd.events.event import MAJOR, Kind, topic

URL = r"(nats|tls)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?"
STREAM = "serd"
"""The stream's name unless another is given."""

SUBJECTS = f"serd.v{MAJOR}.>"
"""All subjects of events."""

CONNECT_S = 5.0
"""Longest wait for a connection to be made."""

CLOSE_S = 1.0
"""Longest wait for a connection to be closed."""

PING_S = 5
"""A server is pinged this often, and taken for gone when it has left two pings without an answer."""


class AwayError(Exception):
    """The server cannot be reached, or has gone; it may come back. Its text is one line."""


@dataclass(frozen=True)
class Server:
    """Where a NATS server is, and how it is asked to let us in."""

    url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None
    """None: what the URL says, with the system's authorities."""
    domain: str | None = None
    """The JetStream domain that is meant, where the server is a leaf node of another."""

    def __post_init__(self) -> None:
        """Raises ConfigError for what is no server."""
        if not re.fullmatch(URL, self.url):
            raise ConfigError(f"server {self.url[:200]!r}: not a server; give nats://HOST:PORT or tls://HOST:PORT")
        with contextlib.suppress(ValueError):
            if urlsplit(self.url).port != 0:
                return
        raise ConfigError(f"server {self.url}: there is no such port; give 1 to 65535")


def jetstream(client: Client, server: Server) -> JetStreamContext:
    """The JetStream of the server, or that of its domain; any number of messages may await confirmation."""
    return client.jetstream(domain=server.domain, publish_async_max_pending=1 << 20)


def subject(source: str, kind: Kind) -> str:
    """The subject of one kind of a source's events: its topic without the last dot, which NATS does not have."""
    return topic(source, kind).removesuffix(".")


async def connect(server: Server, name: str) -> Client:
    """A connection that is not made again when it breaks.

    Raises AwayError, and ConfigError for what the server would refuse again.
    """
    client, faults = Client(), list[Exception]()

    async def note(error: Exception) -> None:
        faults.append(error)

    tls = server.tls or (ssl.create_default_context() if server.url.startswith("tls:") else None)
    try:
        with translated_errors(server):
            # The library tries twice: its least.
            await asyncio.wait_for(
                client.connect(
                    server.url, name=name, tls=tls, user=server.username, password=server.password, error_cb=note,
                    allow_reconnect=False, max_reconnect_attempts=1, reconnect_time_wait=0,
                    connect_timeout=int(CONNECT_S), ping_interval=PING_S,
                ),
                2 * CONNECT_S,
            )  # fmt: skip
    except AwayError as error:
        await disconnect(client)
        text = f"server {server.url}:"
        for fault in faults:
            if isinstance(fault, ssl.SSLCertVerificationError):
                why = fault.verify_message or "unknown"
                raise ConfigError(f"{text} its certificate is not trusted ({why}); give --ca FILE") from None
            if isinstance(fault, nats.errors.AuthorizationError) or "authorization violation" in str(fault).lower():
                raise ConfigError(f"{text} turns us away; give --username NAME and --password-file FILE") from None
        if faults:
            raise AwayError(f"{text} cannot be reached ({_line(faults[0])})") from None
        raise error from None
    return client


async def disconnect(client: Client) -> None:
    """Close the connection, in a second at most: where no TLS came about the library would wait for ever."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(client.close(), CLOSE_S)


@contextlib.contextmanager
def translated_errors(server: Server) -> Iterator[None]:
    """Let AwayError be raised for what the library, the network or the server raises."""
    try:
        yield
    except (nats.js.errors.ServiceUnavailableError, nats.js.errors.NoStreamResponseError):
        raise AwayError(
            f"server {server.url}: no JetStream answers; start nats-server with --jetstream (of a leaf node: its hub is"
            " away, or --domain is not the hub's)"
        ) from None
    except (nats.errors.Error, OSError, TimeoutError, asyncio.CancelledError, json.JSONDecodeError) as error:
        current = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and current is not None and current.cancelling():
            raise
        raise AwayError(f"server {server.url}: {_line(error)}") from None


def _line(error: BaseException) -> str:
    """What the error says, in one line."""
    text = getattr(error, "description", None) or str(error)
    if isinstance(error, ConnectionError) and error.errno:  # asyncio's own text names the address once more
        text = os.strerror(error.errno)
    return " ".join(str(text or type(error).__name__).split()).removeprefix("nats: ")
