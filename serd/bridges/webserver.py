"""The web bridge's HTTP server: uvicorn in a thread, bounded against peers that do not speak or do not read."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from serd.bridges.bridge import UnreachableError

CONNECTIONS = 128
"""At a time, those that stay silent included; others are closed at once."""

PATIENCE_S = 5.0
"""How long a peer may take to ask, and the server to start, to end, to do what it is called for."""

SEND_BYTES = 1 << 16
"""The kernel's buffer of a connection: what is older than that waits where it is counted."""


class WebServer:
    """Serves one application on a listening socket. What is done in its loop goes there by `call`."""

    def __init__(self, application: ASGIApp, listening: socket.socket) -> None:
        """Start. Raises UnreachableError."""
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        config = uvicorn.Config(
            application, http=_Peer, ws="none", loop="asyncio", lifespan="off", log_config=None, log_level="critical",
            access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=5,
            timeout_graceful_shutdown=1, h11_max_incomplete_event_size=16_384,
        )  # fmt: skip
        self._server, self._listening = uvicorn.Server(config), listening
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)
        self._thread.start()
        self.call(lambda: None)

    def call(self, what: Callable[[], None]) -> None:
        """Do it in the server's loop, and wait until it is done. Raises UnreachableError if that hangs or has ended."""

        async def done() -> None:
            what()

        if not self._thread.is_alive():
            raise UnreachableError("web: the server has ended")
        try:
            asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE_S)
        except (TimeoutError, RuntimeError):
            raise UnreachableError("web: the server does not answer") from None

    def close(self, end: Callable[[], None]) -> None:
        """Serve no more; `end` is called in the loop, and ends what would go on for ever."""
        self._server.should_exit = True
        with contextlib.suppress(UnreachableError):
            self.call(end)
        self._thread.join(PATIENCE_S)
        self._listening.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._server.serve(sockets=[self._listening]))


class _Peer(H11Protocol):
    """One connection. The application can end it at once by `request.state.abort`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give it a place and a time to ask."""
        super().connection_made(transport)
        self.app_state: dict[str, Any] = {**self.app_state, "abort": transport.abort}
        if len(self.connections) > CONNECTIONS:
            transport.abort()
        else:
            self.loop.call_later(PATIENCE_S, self._look)

    def _look(self) -> None:
        if self.cycle is None:
            self.transport.abort()
