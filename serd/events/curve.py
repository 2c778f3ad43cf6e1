"""An authenticator for sockets: lets in whom the keyring allows, and proves who we are (ZeroMQ's CURVE and ZAP).

What passes is encrypted, and neither side can be impersonated. Without the authenticator's answer nobody is let in.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import zmq

from serd.errors import ConfigError
from serd.events.keys import KeyPair, Keyring

log = logging.getLogger("serd")

DOMAIN = "serd"

TELL_S = 10.0
"""Least time between two lines about strangers: they decide how often they come."""


class Authenticator:
    """CURVE authentication for the sockets of one context. `close` it before the context ends."""

    def __init__(self, context: zmq.Context[Any], keyring: Keyring) -> None:
        """Raises ConfigError if this serd has no usable key."""
        from zmq.auth.thread import ThreadAuthenticator  # brings asyncio: only for those who need it

        self._keyring = keyring
        self._told = float("-inf")
        self._pair = keyring.pair("server")
        if not keyring.allowed():
            log.warning("keys %s: nobody is allowed yet; `serd keys allow NAME KEY` lets a reader in", keyring.folder)
        self._authenticator = ThreadAuthenticator(context)
        self._authenticator.start()
        self._authenticator.configure_curve_callback(DOMAIN, self)

    def protect(self, sock: zmq.Socket[Any]) -> None:
        """Before bind: from now on a peer must prove an allowed key. `inproc://` is not concerned."""
        sock.set(zmq.CURVE_SERVER, 1)
        sock.set(zmq.CURVE_SECRETKEY, self._pair.secret)
        sock.set(zmq.CURVE_PUBLICKEY, self._pair.public)
        sock.set_string(zmq.ZAP_DOMAIN, DOMAIN)
        sock.set(zmq.ZAP_ENFORCE_DOMAIN, 1)  # no answer from the authenticator is a no

    def callback(self, _domain: str, key: bytes) -> bool:
        """The authenticator's question. The list is read each time: `serd keys allow` needs no restart."""
        try:
            name = self._keyring.allowed().get(key)
        except ConfigError as error:
            log.error("%s", error)
            return False
        if name is None and time.monotonic() - self._told > TELL_S:
            self._told = time.monotonic()
            log.warning("a reader without leave was turned away; to let it in: serd keys allow NAME '%s'", key.decode())
        return name is not None

    def close(self) -> None:
        """Let nobody in any more; harmless when closed."""
        self._authenticator.stop()


def prove(sock: zmq.Socket[Any], server: bytes, pair: KeyPair) -> None:
    """Before connect: speak only with the holder of the key `server`, as the holder of `own`."""
    sock.set(zmq.CURVE_SERVERKEY, server)
    sock.set(zmq.CURVE_PUBLICKEY, pair.public)
    sock.set(zmq.CURVE_SECRETKEY, pair.secret)
