"""A connection to an endpoint: watched, and made anew where ZeroMQ would not.

ZeroMQ looks a name up in one family of addresses, the one its socket is set to, and tries no other (RFC 8305 has both
tried); and it gives an endpoint up after a protocol error (zeromq/libzmq#4196).
"""

from __future__ import annotations

import math
import sys
import time
from typing import Any

import zmq

from serd.events.endpoint import Socket, connect, has_name

LOOK_S = 0.25
"""How often whoever hears nothing should look after the connection."""

TRY_S = 1.0
"""How long one family of addresses is tried, and how long ZeroMQ has for an attempt of its own."""

REFUSALS = zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH
WATCHED = (
    zmq.EVENT_CONNECTED | zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED | zmq.EVENT_CONNECT_RETRIED | REFUSALS
)


class Connection:
    """One socket's, to one endpoint, over IPv4 or IPv6; used by the socket's thread, and closed before it."""

    def __init__(self, sock: Socket, endpoint: str) -> None:
        """Connect, now or once somebody is there. Raises UsageError."""
        self._socket, self._endpoint = sock, endpoint
        self.refused = False
        """Whether the other side has turned us away, for want of a key that it allows."""
        self._last, self._since = 0, math.inf
        self._made = -math.inf
        self._watch: zmq.Socket[Any] | None = None
        if not endpoint.startswith("inproc:"):
            self._watch = sock.get_monitor_socket(WATCHED)
        try:
            connect(sock, endpoint)
        except BaseException:
            self.close()
            raise

    @property
    def is_up(self) -> bool:
        """Whether the other side is there and speaks with us, as of the last `look`."""
        return self._last == zmq.EVENT_HANDSHAKE_SUCCEEDED

    def look(self) -> None:
        """See how it is; where an attempt has failed, try the other family, and where ZeroMQ makes none, try again."""
        if self._watch is None or self._socket.closed:
            return
        now = time.monotonic()
        while self._watch.poll(0):
            # Not by zmq.utils.monitor, which brings asyncio, 4 MB: a message begins with the event's 16 bits.
            event = int.from_bytes(self._watch.recv_multipart()[0][:2], sys.byteorder)
            if event & REFUSALS:
                self.refused = True
            else:
                self._last, self._since = event, now
        failed = self._last == zmq.EVENT_CONNECT_RETRIED and has_name(self._endpoint) and now - self._made >= TRY_S
        given_up = self._last == zmq.EVENT_DISCONNECTED and now - self._since >= TRY_S
        if failed or given_up:
            self._socket.disconnect(self._endpoint)
            if failed:
                self._socket.set(zmq.IPV6, not self._socket.get(zmq.IPV6))
            self._last, self._made = 0, now
            connect(self._socket, self._endpoint)

    def close(self) -> None:
        """Watch it no more; harmless when closed."""
        if self._watch is not None and not self._socket.closed:
            self._socket.disable_monitor()
            self._watch.close(0)
        self._watch = None
