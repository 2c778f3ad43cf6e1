"""The web bridge's application: pages, server-sent events, health, mute; and what browsers must not do with them."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serd.bridges.hub import Hub
from serd.bridges.mute import Word, obeyed
from serd.errors import SerdError
from serd.events.requests import Answer

TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", "": "text/plain"}

LARGEST = 1024
"""Bytes of a request to mute."""

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""Headers of every answer. There is no header that lets another origin in."""

Ask = Callable[[str, Word], Answer]


class Pages:
    """What is answered. `ask` mutes and unmutes, and blocks; without a token nobody may ask."""

    def __init__(self, hub: Hub, token: str | None, words: Sequence[Word], ask: Ask) -> None:
        self._hub, self._token, self._words, self._ask = hub, token, words, ask
        self._asking = asyncio.Lock()

    def application(self, hosts: Sequence[str]) -> ASGIApp:
        """The application for requests that name one of `hosts`; others get 400: a page may have led a browser here."""
        routes = [
            Route("/", _page("index.html")),
            Route("/overlay", _page("overlay.html")),
            Route("/events", self.events),
            Route("/healthz", self.healthz),
            Route("/mute", self.mute, methods=["POST"]),
            Route("/static/{name:path}", _static),
        ]
        trusted = Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts), www_redirect=False)
        return Starlette(
            routes=routes, middleware=[Middleware(_Headers), trusted], exception_handlers={HTTPException: _refuse}
        )

    async def events(self, request: Request) -> Response:
        """All that comes, and first what came in the last minutes or since `Last-Event-ID`."""
        reader = self._hub.join(request.headers.get("last-event-id", ""), request.state.abort)
        if reader is None:
            raise HTTPException(503, "too many readers")
        return _Stream(reader.texts(), lambda: self._hub.leave(reader))

    async def healthz(self, _request: Request) -> Response:
        """200 while the bridge runs, whatever its rooms do."""
        fine = self._hub.is_beating
        return JSONResponse({"ok": fine, **self._hub.report()}, 200 if fine else 503)

    async def mute(self, request: Request) -> Response:
        """{"source": NAME, "request": "mute"|"unmute"} from a holder of the token."""
        source, word = await self._asked(request)
        async with self._asking:
            try:
                answer = await run_in_threadpool(self._ask, source, word)
            except SerdError as error:
                raise HTTPException(502, str(error)) from None
        done = {"source": answer.source, "state": answer.state, "note": answer.note}
        return JSONResponse(done, 200 if obeyed(answer, word) else 202)

    async def _asked(self, request: Request) -> tuple[str, Word]:
        if self._token is None:
            raise HTTPException(403, "this bridge has no token and does not mute; give --token-file")
        authorization = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(authorization, f"Bearer {self._token}".encode()):
            raise HTTPException(401, "not the token", {"WWW-Authenticate": "Bearer"})
        try:
            source, word = _parse(await _body(request))
        except (ValueError, RecursionError):
            raise HTTPException(400, 'not {"source": NAME, "request": "mute"|"unmute"}') from None
        if word not in self._words:
            raise HTTPException(403, "this bridge does not unmute; start it with --allow-unmute")
        if not self._hub.knows(source):
            raise HTTPException(404, "no such source here")
        return source, word


class _Stream(StreamingResponse):
    media_type = "text/event-stream"

    def __init__(self, content: Any, end: Callable[[], None]) -> None:
        super().__init__(content)
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._end()


class _Headers:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        await self._app(scope, receive, with_headers)


@cache
def _files() -> dict[str, tuple[bytes, str]]:
    """All there is to serve, with its media type: no path of a request touches the disk."""
    folder = Path(__file__).with_name("static")
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): (path.read_bytes(), TYPES[path.suffix]) for path in paths}


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _files():
        raise HTTPException(404, "there is no such file")
    content, kind = _files()[name]
    return Response(content, media_type=kind)


def _page(name: str) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:  # a plain function would get a thread
        content, kind = _files()[name]
        return Response(content, media_type=kind)

    return answer


def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise ValueError
    return body


def _parse(body: bytes) -> tuple[str, Word]:
    match json.loads(body):
        case {"source": str(source), "request": ("mute" | "unmute") as word, **others} if not others:
            return source, word
    raise ValueError
