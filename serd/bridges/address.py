"""Addresses that a bridge listens on: HOST:PORT, parsed, judged, bound."""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Self

from serd.errors import UsageError

SHAPE = r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(\d{1,5})"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens; port 0 lets the system draw one."""

    host: str
    """A name or an IP address, an IPv6 one without its brackets."""
    port: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The address in HOST:PORT. Raises UsageError."""
        shape = re.fullmatch(SHAPE, text)
        if shape is None or not 0 <= int(shape[2]) <= 65535:
            raise UsageError(f"--listen {text}: there is no such port; give HOST:PORT")
        return cls(shape[1].strip("[]"), int(shape[2]))

    @property
    def is_loopback(self) -> bool:
        """Whether this machine alone reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def is_ipv6(self) -> bool:
        """Whether the host is an IPv6 address."""
        return ":" in self.host

    @property
    def url(self) -> str:
        """http://HOST:PORT"""
        return f"http://{f'[{self.host}]' if self.is_ipv6 else self.host}:{self.port}"

    def unusable(self, error: OSError) -> UsageError:
        """What to say where it cannot be listened on."""
        reason = error.strerror or error
        return UsageError(f"--listen {self.host}:{self.port}: cannot be listened on ({reason}); give another HOST:PORT")

    def bind(self) -> socket.socket:
        """A listening socket. Raises UsageError."""
        family = socket.AF_INET6 if self.is_ipv6 else socket.AF_INET
        try:
            return socket.create_server((self.host, self.port), family=family, backlog=64)
        except OSError as error:
            raise self.unusable(error) from None
