"""The web bridge: a live page, its server-sent events, and an overlay for broadcasts."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import ClassVar

from serd.bridges.address import SHAPE, Address
from serd.bridges.bridge import Health
from serd.bridges.hub import Hub
from serd.bridges.mute import Word, check, request
from serd.bridges.options import ControlSettings, Settings, listing, option
from serd.bridges.pages import Pages
from serd.bridges.secret import read_secret
from serd.bridges.webserver import WebServer
from serd.config.schema import path, text, truth
from serd.errors import ConfigError, UsageError
from serd.events.reading import Reading

log = logging.getLogger("serd")

CREDENTIAL = "web_token"
"""Name of systemd's LoadCredential=, where no file is given."""

SHORTEST = 16
"""Characters of a token: whoever reaches the page may guess as often as it likes."""


@dataclass(frozen=True)
class WebSettings(ControlSettings):
    """Settings of the web bridge."""

    listen: str = option(
        "127.0.0.1:8765", "HOST:PORT", text(SHAPE), "where the page is (default 127.0.0.1:8765)", "HOST:PORT"
    )
    hosts: tuple[str, ...] = option(
        (), "host names such as serd.example.org", listing(text(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\]")),
        "a further name by which browsers call it, behind a reverse proxy say; repeatable", "NAME",
        flag="--host", many=True,
    )  # fmt: skip
    unprotected: bool = option(
        False, "true or false", truth, "listen beyond this machine, where whoever reaches it can read it"
    )
    token_file: str | None = option(
        None, "a file", path, "a file of mode 0600 whose first line lets a page mute", "FILE"
    )
    allow_unmute: bool = option(False, "true or false", truth, "let holders of the token unmute, too")


class Web:
    """Show what serds hear in a browser: a live page at http://HOST:PORT/, and /overlay for broadcasts."""

    Settings: ClassVar[type[Settings]] = WebSettings

    def __init__(self, settings: WebSettings) -> None:
        check(settings)
        address = Address.parse(settings.listen)
        if not address.is_loopback and not settings.unprotected:
            raise UsageError(
                f"--listen {settings.listen}: whoever reaches it could read it, for there are no passwords;"
                " put a reverse proxy that asks for one before 127.0.0.1, or give --unprotected"
            )
        token = read_secret(settings.token_file, CREDENTIAL)
        if token is not None and (len(token) < SHORTEST or not token.isascii()):
            raise ConfigError(f"the web token: give {SHORTEST} ASCII characters or more; try: openssl rand -hex 16")
        words: tuple[Word, ...] = ("mute", "unmute") if settings.allow_unmute else ("mute",)
        self._address = self._bound = address
        self._hosts = {"localhost", "127.0.0.1", "[::1]", *settings.hosts}
        if address.host not in ("0.0.0.0", "::"):
            self._hosts.add(f"[{address.host}]" if address.is_ipv6 else address.host)
        self._hub = Hub({word: token is not None and word in words for word in ("mute", "unmute")})
        self._pages = Pages(self._hub, token, words, lambda source, word: request(settings, source, word))
        self._server: WebServer | None = None

    @property
    def target(self) -> str:
        """Where the page is; a port of 0 is the one that was drawn."""
        return f"{self._bound.url}/"

    def open(self) -> None:
        """Listen. Raises UsageError where that cannot be, UnreachableError."""
        listening = self._bound.bind()
        self._bound = replace(self._bound, port=listening.getsockname()[1])
        if not self._address.is_loopback:
            log.warning("%s: whoever reaches it can read it; there are no passwords", self.target)
        self._server = WebServer(self._pages.application(sorted(self._hosts)), listening)

    def take(self, event: Reading) -> None:
        """Give it to all readers. Raises UnreachableError."""
        self._serving.call(lambda: self._hub.publish(event))

    def beat(self, health: Health) -> None:
        """Tell all readers. Raises UnreachableError."""
        self._serving.call(lambda: self._hub.beat(health))

    def close(self) -> None:
        """Listen no more, end all connections."""
        server, self._server = self._server, None
        if server is not None:
            server.close(self._hub.close)

    @property
    def _serving(self) -> WebServer:
        assert self._server is not None
        return self._server
