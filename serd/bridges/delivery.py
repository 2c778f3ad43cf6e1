"""The delivery: publishes what is in the spool, many at a time, each until the server has confirmed it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from functools import partial
from typing import Any

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext

from serd.bridges.spool import Entry, Spool
from serd.bridges.stream import Stream
from serd.errors import RestartError, SerdError
from serd.events.natsclient import AwayError, Server, connect, disconnect, jetstream, translated_errors

log = logging.getLogger("serd")

TURN_S = 0.2
"""Longest wait for news: how late the end, or a silent server, may be seen."""

CONFIRM_S = 10.0
"""A server that confirms nothing for so long is left, and tried again."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 2.0
"""Between attempts to reach the server; short, for the spool does not last long."""

DRAIN_S = 4.0
"""How long the end may take to publish what is still in the spool."""


class Delivery:
    """One thread with a connection of its own, which it makes again as often as it breaks."""

    def __init__(self, server: Server, stream: Stream, spool: Spool, name: str) -> None:
        self._server, self._stream, self._spool, self._name = server, stream, spool, name
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tried = threading.Event()
        self._refusal: SerdError | None = None
        self._over = False
        self._beat: tuple[str, bytes] | None = None
        self._fault: BaseException | None = None
        self._confirmed = 0.0
        self.away = ""
        """Why the server is not reached now; empty while it is."""

    def start(self) -> None:
        """Begin, and wait for the first attempt, which may fail. Raises SerdError for what would fail again."""
        self._over, self._refusal = False, None
        self._tried.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="delivery", daemon=True)
        self._thread.start()
        self._tried.wait()
        if self._refusal is not None:
            self.stop()
            raise self._refusal

    def wake(self) -> None:
        """There is something in the spool. Raises RestartError if the thread has died."""
        if self._thread is None or not self._thread.is_alive():
            raise RestartError("the delivery's thread died; serd bridge has to be started anew")
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._news.set)

    def tell(self, subject: str, payload: bytes) -> None:
        """Publish without confirmation, if the server is there: what is of no use later."""
        self._beat = (subject, payload)
        self.wake()

    def stop(self) -> None:
        """Publish what can be published within DRAIN_S, and disconnect; harmless when stopped."""
        self._over = True
        if self._thread is not None:
            with contextlib.suppress(RestartError, RuntimeError):
                self.wake()
            self._thread.join(2 * DRAIN_S)
            self._thread = None

    async def _run(self) -> None:
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()
        pause = FIRST_PAUSE_S
        try:
            while not self._over:
                try:
                    await self._attempt()
                except (AwayError, SerdError) as error:
                    if isinstance(error, SerdError) and not self._tried.is_set():
                        self._refusal = error
                        return
                    pause = FIRST_PAUSE_S if not self.away else min(2 * pause, LONGEST_PAUSE_S)
                    if str(error) != self.away:
                        log.warning("bridge nats: %s; what comes is kept in the spool, and tried again", error)
                    self.away = str(error)
                self._tried.set()
                until = time.monotonic() + pause
                while not self._over and time.monotonic() < until:
                    await self._sleep(until - time.monotonic())
        finally:
            self._loop = None
            self._tried.set()

    async def _attempt(self) -> None:
        """Connect and publish until the end. Raises AwayError, ConfigError."""
        client = await connect(self._server, self._name)
        try:
            with translated_errors(self._server):
                js = jetstream(client, self._server)
                await self._stream.ensure(js)
                if self.away:
                    log.info("bridge nats: server %s: is there; %d events wait", self._server.url, len(self._spool))
                self.away, self._fault, self._confirmed = "", None, time.monotonic()
                self._tried.set()
                await self._pump(client, js)
        finally:
            self._spool.recall()
            await disconnect(client)

    async def _pump(self, client: Client, js: JetStreamContext) -> None:
        give_up = float("inf")
        while len(self._spool) or not self._over:
            now = time.monotonic()
            if self._over:
                give_up = min(give_up, now + DRAIN_S)
                if now > give_up:
                    return
            if client.is_closed:
                raise nats.errors.ConnectionClosedError
            if self._fault is not None:
                raise self._fault
            if self._beat is not None:
                beat, self._beat = self._beat, None
                await client.publish(*beat)
            entry = self._spool.next()
            if entry is not None:
                await self._publish(js, entry)
            elif not self._spool.unconfirmed or now - self._confirmed < CONFIRM_S:
                await self._sleep(TURN_S)
            else:
                raise AwayError(f"server {self._server.url}: connects, and confirms nothing")
        await client.flush()

    async def _publish(self, js: JetStreamContext, entry: Entry) -> None:
        if self._spool.unconfirmed == 1:
            self._confirmed = time.monotonic()
        headers = {"Nats-Msg-Id": entry.id, "content-type": "application/cloudevents+json"}
        try:
            future = await js.publish_async(entry.subject, entry.body, stream=self._stream.name, headers=headers)
        except nats.errors.MaxPayloadError:
            self._spool.refuse(entry)
            log.warning("bridge nats: an event of %d bytes is larger than the server takes", len(entry.body))
            return
        future.add_done_callback(partial(self._answered, entry))

    def _answered(self, entry: Entry, future: asyncio.Future[Any]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if error is None:
            self._spool.settle(entry)
            self._confirmed = time.monotonic()
        else:
            self._fault = error
        self._news.set()

    async def _sleep(self, longest: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), max(longest, 0.001))
        self._news.clear()
