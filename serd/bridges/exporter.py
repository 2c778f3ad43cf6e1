"""The exporter's HTTP server: GET /metrics, few readers at a time, none of whom can hold it for long."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import make_wsgi_app
from prometheus_client.registry import CollectorRegistry

from serd.bridges.address import Address

log = logging.getLogger("serd")

READERS = 16
"""Connections that are served at a time; others are closed at once."""

PATIENCE_S = 5.0
"""How long one of them may take to ask, or to read."""


class Exporter:
    """Serves a registry's metrics."""

    def __init__(self, address: Address, registry: CollectorRegistry) -> None:
        self._address = address
        self._application = _only_metrics(make_wsgi_app(registry, disable_compression=True))
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        """Address of the metrics; a port of 0 is the one that was drawn."""
        return f"{self._address.url}/metrics"

    def open(self) -> None:
        """Listen, in a thread of its own. Raises UsageError."""
        address = self._address
        family = socket.AF_INET6 if address.is_ipv6 else socket.AF_INET
        try:
            server = type("_Server", (_Server,), {"address_family": family})((address.host, address.port), _Handler)
        except OSError as error:
            raise address.unusable(error) from None
        server.set_app(self._application)
        self._server = server
        self._address = replace(address, port=server.server_port)
        if not address.is_loopback:
            log.warning("%s: whoever reaches it can read it; there are no passwords", self.url)
        threading.Thread(target=server.serve_forever, args=(0.2,), name="exporter", daemon=True).start()

    def close(self) -> None:
        """Listen no more; harmless when closed."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        self._server = None


class _Handler(WSGIRequestHandler):
    timeout = PATIENCE_S

    def log_message(self, format: str, *args: Any) -> None:
        """Strangers decide how often they come: nothing is logged of them."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[WSGIRequestHandler]) -> None:
        self._places = threading.BoundedSemaphore(READERS)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve it in a thread, if there is a place for it."""
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve it, and leave the place."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class's
        """A peer that goes away or is too slow is no fault of ours."""
        log.debug("exporter: %s", client_address, exc_info=True)


def _only_metrics(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == "/metrics" and environ.get("REQUEST_METHOD") in ("GET", "HEAD"):
            return application(environ, start)
        start("404 Not Found", [("Content-Type", "text/plain")])
        return [b"the metrics are at /metrics\n"]

    return answer
