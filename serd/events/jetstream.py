"""The reader of a JetStream stream: many serds' events, as a subscription's are, from where a bridge put them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import deque
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NotJSMessageError
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NotFoundError
from nats.js.errors import Error as JetStreamError

from serd.errors import UsageError
from serd.events.event import KINDS, MAJOR, NAME, Kind
from serd.events.natsclient import STREAM, AwayError, Server, connect, jetstream, translated_errors
from serd.events.sequence import SequenceTracker
from serd.events.subscriber import parse

log = logging.getLogger("serd")

LOOK_S = 1.0
"""Longest wait for a message, after which the connection is looked after; also the pause between attempts."""

AHEAD = 1000
"""Messages that the server sends ahead of their acknowledgement."""

ASIDE_S = 60.0
"""How long the server keeps the place of a reader without a name that has gone."""

STREAMS = 4096
"""Sessions times kinds whose numbers are followed: a fleet's."""


class JetStreamReader(Iterator[dict[str, Any]]):
    """An iterator over envelopes, as `serd.events.subscriber.Subscription` is. For one thread.

    Without `durable` it begins with what comes now. With it the server remembers under that name what was read: the
    first time it begins with the oldest event that is kept, then it goes on where it ended, at least once each.
    """

    def __init__(
        self,
        server: Server,
        *,
        stream: str = STREAM,
        source: str | None = None,
        kinds: Sequence[Kind] = KINDS,
        timeout: float | None = None,
        durable: str | None = None,
    ) -> None:
        """Connect. Raises UsageError, ConfigError."""
        if source is not None and not NAME.fullmatch(source):
            raise UsageError(f"source {source!r}: no serd has such a name; give 1 to 64 of a-z 0-9 _ -")
        if durable is not None and not NAME.fullmatch(durable.lower()):
            raise UsageError(f"durable {durable!r}: no name; give 1 to 64 of A-Z a-z 0-9 _ -")
        self._server, self._stream, self._durable, self._timeout = server, stream, durable, timeout
        self._kinds = frozenset(kinds)
        kind = kinds[0] if len(self._kinds) == 1 else ">"
        self._subject = f"serd.v{MAJOR}.{source or '*'}.{kind}"
        self._tracker = SequenceTracker(STREAMS)
        self.malformed = 0
        """Messages that are no event of this version."""
        self.closed = False
        self._client: Client | None = None
        self._came: deque[Msg] = deque()
        self._held: Msg | None = None
        """Handed over, and acknowledged when the next is asked for: its taker may not live to use it."""
        self._first = self._last = 0
        """Numbers, in the stream, of the first and the last message that were handed over here."""
        self._away = False
        self._looked = time.monotonic()
        self._loop = asyncio.new_event_loop()
        self._news = asyncio.Event()
        try:
            self._loop.run_until_complete(self._open())
        except AwayError as error:
            self.close()
            raise UsageError(f"{error}; start it, or give another") from None
        except BaseException:
            self.close()
            raise

    @property
    def lost(self) -> int:
        """Events that were numbered but never came into the stream."""
        return self._tracker.lost

    def receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The next event, or None if none came for `timeout` seconds (None: wait for ever) or it is closed."""
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        if self._held is not None:
            self._loop.run_until_complete(self._acknowledge())
        while not self.closed:
            if not self._came:
                left = deadline - time.monotonic()
                if left <= 0:
                    return None
                self._loop.run_until_complete(self._wait(min(left, LOOK_S)))
                continue
            event = self._take(self._came.popleft())
            if event is not None:
                return event
            self._loop.run_until_complete(self._acknowledge())
        return None

    def __next__(self) -> dict[str, Any]:
        event = self.receive(self._timeout)
        if event is None:
            raise StopIteration
        return event

    def close(self) -> None:
        """Give back what was not handed over, and disconnect; harmless when closed."""
        if self.closed:
            return
        self.closed = True
        self._loop.run_until_complete(self._leave())
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._held = None  # whoever had it did not end well: it comes again
        self.close()

    async def _open(self) -> None:
        """Connect and subscribe. Raises AwayError, UsageError, ConfigError."""
        client = self._client = await connect(self._server, "serd-reader")
        with translated_errors(self._server):
            js = jetstream(client, self._server)
            try:
                newest = (await js.stream_info(self._stream)).state.last_seq
            except NotFoundError:
                raise UsageError(
                    f"stream {self._stream} at {self._server.url}: there is none; `serd bridge nats` makes it"
                ) from None
            await self._subscribe(js, newest)

    async def _subscribe(self, js: JetStreamContext, newest: int) -> None:
        config = ConsumerConfig(max_ack_pending=AHEAD)
        if self._durable is None:
            # A stream that was made anew counts from the beginning.
            self._last = min(self._last or newest, newest)
            config.deliver_policy, config.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, self._last + 1
            config.inactive_threshold = ASIDE_S
        try:
            self._messages = await js.subscribe(
                self._subject, stream=self._stream, durable=self._durable, config=config, cb=self._arrive,
                manual_ack=True,
            )  # fmt: skip
            filtered = (await self._messages.consumer_info()).config.filter_subject
        except JetStreamError as error:  # of the library's own: somebody else is bound to it
            if isinstance(error, APIError):
                raise
            raise AwayError(f"durable {self._durable}: cannot be read now ({error.description})") from None
        if filtered != self._subject:
            raise UsageError(f"durable {self._durable}: it reads {filtered}; give another name for {self._subject}")

    async def _arrive(self, message: Msg) -> None:
        self._came.append(message)
        self._news.set()

    async def _wait(self, timeout: float) -> None:
        """Wait for a message; connect anew where the connection, or our place in the stream, is gone."""
        try:
            client = self._client
            if client is None or client.is_closed:
                raise AwayError(f"server {self._server.url}: the connection was lost")
            if time.monotonic() - self._looked > 5 * LOOK_S:
                with translated_errors(self._server):
                    await self._messages.consumer_info()
                self._looked = time.monotonic()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), timeout)
            self._news.clear()
        except AwayError as error:
            await self._reopen(error, timeout)

    async def _reopen(self, why: Exception, timeout: float) -> None:
        if not self._away:
            log.warning("%s; waiting for it", why)
        self._away = True
        self._came.clear()
        self._held = None
        await self._disconnect()
        try:
            await self._open()
        except (AwayError, UsageError):  # a stream that is being restored is not there at first
            await asyncio.sleep(min(timeout, LOOK_S))
        else:
            self._away = False
            log.warning("server %s: is there again", self._server.url)

    async def _acknowledge(self) -> None:
        held, self._held = self._held, None
        if held is not None and self._client is not None and not self._client.is_closed:
            with contextlib.suppress(AwayError), translated_errors(self._server):
                await held.ack()

    async def _leave(self) -> None:
        """Acknowledge what was handed over; what came ahead comes again, at once, to who reads on."""
        await self._acknowledge()
        client = self._client
        if client is not None and not client.is_closed and hasattr(self, "_messages"):
            with contextlib.suppress(AwayError), translated_errors(self._server):
                await self._messages.unsubscribe()
                for message in self._came if self._durable else ():
                    await message.nak()
                await client.flush()
        await self._disconnect()

    async def _disconnect(self) -> None:
        if self._client is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(self._client.close(), LOOK_S)
        self._client = None

    def _take(self, message: Msg) -> dict[str, Any] | None:
        """The event in a message, unless it came before, is of no interest, or none."""
        self._held = message
        try:
            number, again = message.metadata.sequence.stream, (message.metadata.num_delivered or 1) > 1
            _, _, source, kind = message.subject.split(".")
            if again and self._first <= number <= self._last:
                return None
            event = parse(message.data, source, kind)
        except (NotJSMessageError, ValueError, RecursionError):
            self.malformed += 1
            return None
        if not again:
            self._first, self._last = self._first or number, number
        if kind not in self._kinds:
            return None
        # What is delivered again is out of its order, and would count as a gap.
        fresh = again or self._tracker.new(message.subject.encode(), event)
        return event if fresh else None
