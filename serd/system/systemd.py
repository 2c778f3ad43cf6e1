"""The service manager: readiness, watchdog and status, told over its notification socket.

The protocol is sd_notify(3): datagrams of `NAME=value` lines to the AF_UNIX socket in NOTIFY_SOCKET. Where
nobody listens every call is a no-op, so callers need not ask.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping

START_EXTENSION_S = 30
"""How much longer the start may take, told with each sign of life before readiness."""
LONGEST_STATUS = 200


class Notifier:
    """One service's line to its manager. Not thread-safe: the loop that proves the service alive owns it.

    Calls never raise and never block: a manager that does not read must not stop the audio. What it could not
    be told is told again with the next sign of life.
    """

    @classmethod
    def from_environment(cls) -> Notifier:
        """The line that the manager of this process has opened, if it has."""
        return cls(os.environ)

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = _socket() if address.startswith(("/", "@")) else None
        self._watchdog = _watchdog(environ) if self._socket else None
        self._works = self._told_ready = False
        self._pinged = float("-inf")
        self._status = self._told_status = ""

    @property
    def interval(self) -> float | None:
        """Seconds within which `watchdog` must be called: a quarter of what the watchdog waits, so that a ping comes
        at least every half of it. None: nobody watches."""
        return self._watchdog / 4 if self._watchdog else None

    def watchdog(self) -> None:
        """A sign of life; call it from the loop that does the work, as often as it turns.

        It pings the watchdog, seldom enough to cost nothing. Before readiness it asks for more time instead: a
        service that waits for its microphone is not a start that hangs.
        """
        self._tell()
        interval = self.interval if self._told_ready else START_EXTENSION_S / 4
        now = time.monotonic()
        if interval is None or now - self._pinged < interval:
            return
        message = "WATCHDOG=1" if self._told_ready else f"EXTEND_TIMEOUT_USEC={START_EXTENSION_S * 1_000_000}"
        if self._send(message):
            self._pinged = now

    def ready(self, status: str = "") -> None:
        """The service does what it is for; told once, however often it is said."""
        self._works = True
        self.status(status)

    def status(self, text: str) -> None:
        """One line for `systemctl status`; sent only when it differs from the last."""
        self._status = " ".join(text.split())[:LONGEST_STATUS] or self._status
        self._tell()

    def stopping(self, status: str = "") -> None:
        """The service is on its way out."""
        self._send("STOPPING=1")
        self.status(status)

    def close(self) -> None:
        """Hang up; harmless when nobody listened. Later calls do nothing."""
        if self._socket:
            self._socket.close()
        self._socket = self._watchdog = None

    def _tell(self) -> None:
        if self._works and not self._told_ready and self._send("READY=1"):
            self._told_ready = True
            self._pinged = float("-inf")  # the watchdog's clock starts with readiness
        if self._status != self._told_status and self._send(f"STATUS={self._status}"):
            self._told_status = self._status

    def _send(self, message: str) -> bool:
        """True once the manager has it. Addressed anew each time: a manager that restarts binds a new socket."""
        if not self._socket:
            return False
        try:
            self._socket.sendto(message.encode("utf-8", "replace"), self._address)
        except (OSError, ValueError):
            return False
        return True


def _socket() -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    channel.setblocking(False)
    return channel


def _watchdog(environ: Mapping[str, str]) -> float | None:
    """Seconds after which the manager takes this process for dead, if it watches this one."""
    try:
        pid, microseconds = int(environ.get("WATCHDOG_PID", os.getpid())), int(environ.get("WATCHDOG_USEC", "0"))
    except ValueError:
        return None
    return microseconds / 1e6 if microseconds > 0 and pid == os.getpid() else None
