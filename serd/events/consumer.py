"""A consumer of a JetStream stream: messages that the server sends ahead, each acknowledged or given back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import NotJSMessageError
from nats.js.api import ConsumerConfig, ConsumerInfo, DeliverPolicy
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NotFoundError
from nats.js.errors import Error as JetStreamError

from serd.errors import UsageError
from serd.events.natsclient import AwayError, Server, connect, disconnect, jetstream, translated_errors

LOOK_S = 5.0
"""The server is asked this often whether it still knows the consumer."""

AHEAD = 1000
"""Messages that the server sends ahead of their acknowledgement."""

ASIDE_S = 60.0
"""How long the server keeps the place of a consumer without a name that has gone."""

STILL_S = 0.02
"""Where the server sent nothing for so long, it has sent all that it would."""

SETTLE_S = 3.0
"""Longest wait for that."""


class Consumer:
    """A connection with one push consumer. For one event loop.

    With `durable` the server keeps its place under that name, and lets one read by it at a time. Raises AwayError where
    the server, or the consumer's place, is gone; then it may be opened anew.
    """

    def __init__(self, server: Server, stream: str, subject: str, durable: str | None) -> None:
        self._server, self._stream, self._subject, self._durable = server, stream, subject, durable
        self.came: deque[Msg] = deque()
        """Messages that have arrived and were not taken."""
        self._client: Client | None = None
        self._arrived = asyncio.Event()
        self._delivery = 0
        """Number of the last delivery that arrived, as the server counts them."""
        self._looked = 0.0

    async def open(self, last: int = 0) -> int:
        """Connect, and begin after the stream's message `last` (0: the newest there is); returns the number it is.

        A durable consumer begins where it ended, whatever `last`. Raises AwayError, UsageError, ConfigError.
        """
        self.came.clear()
        client = self._client = await connect(self._server, "serd-reader")
        with translated_errors(self._server):
            self._jetstream = jetstream(client, self._server)
            try:
                newest = (await self._jetstream.stream_info(self._stream)).state.last_seq
            except NotFoundError:
                raise UsageError(
                    f"stream {self._stream} at {self._server.url}: there is none; `serd bridge nats` makes it"
                ) from None
            if self._durable is None:
                last = min(last or newest, newest)  # a stream that was made anew counts from the beginning
            await self._subscribe(last)
        self._looked = time.monotonic()
        return last

    async def wait(self, timeout: float) -> None:
        """Wait for a message, for `timeout` seconds at most. Raises AwayError."""
        if self._client is None or self._client.is_closed:
            raise AwayError(f"server {self._server.url}: the connection was lost")
        if time.monotonic() - self._looked > LOOK_S:
            with translated_errors(self._server):
                await self._messages.consumer_info()
            self._looked = time.monotonic()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), timeout)
        self._arrived.clear()

    async def acknowledge(self, message: Msg | None) -> None:
        """Tell the server that a message need not come again, if it can be told."""
        if message is not None and self._client is not None and not self._client.is_closed:
            with contextlib.suppress(AwayError), translated_errors(self._server):
                await message.ack()

    async def close(self, last: Msg | None = None) -> None:
        """Acknowledge `last`; what came and was not taken comes again, at once, to who reads on; disconnect."""
        client = self._client
        if client is not None and not client.is_closed and hasattr(self, "_messages"):
            with contextlib.suppress(AwayError), translated_errors(self._server):
                if self._durable:
                    await self._settle()
                await self._messages.drain()  # type: ignore[no-untyped-call]
                await self.acknowledge(last)
                await self._give_back(client)
        await self.disconnect()

    async def disconnect(self) -> None:
        """End the connection as it is; harmless without one."""
        if self._client is not None:
            await disconnect(self._client)
        self._client = None

    async def _subscribe(self, last: int) -> None:
        config = ConsumerConfig(max_ack_pending=AHEAD)
        if self._durable is None:
            config.deliver_policy, config.opt_start_seq = DeliverPolicy.BY_START_SEQUENCE, last + 1
            config.inactive_threshold = ASIDE_S
        try:
            if self._durable is not None:
                with contextlib.suppress(NotFoundError):
                    self._delivery = _sent(await self._jetstream.consumer_info(self._stream, self._durable))
            self._messages: JetStreamContext.PushSubscription = await self._jetstream.subscribe(
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
        self.came.append(message)
        with contextlib.suppress(NotJSMessageError):
            self._delivery = message.metadata.sequence.consumer
        self._arrived.set()

    async def _settle(self) -> None:
        """Wait until the server sends nothing more, and all it has sent is here.

        What it counts as delivered but has not sent when its reader goes is late for who reads on: it comes only after
        the 30 s in which the server waits for an acknowledgement.
        """
        before = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_S):
                while True:
                    info = await self._messages.consumer_info()
                    sent, full = _sent(info), (info.num_ack_pending or 0) >= AHEAD
                    if sent == before and self._delivery >= sent and (full or not info.num_pending):
                        return
                    before = sent
                    await asyncio.sleep(STILL_S)

    async def _give_back(self, client: Client) -> None:
        """Refuse what was not taken. When that is done it is first in the line of who reads on, in its order."""
        if not self._durable or not self.came:
            await client.flush()
            return
        *most, final = self.came
        for message in most:
            await message.nak()
        await client.request(final.reply, Msg.Ack.Nak, LOOK_S)  # answered once the server has dealt with all of them


def _sent(info: ConsumerInfo) -> int:
    """How many deliveries the server counts."""
    return info.delivered.consumer_seq if info.delivered else 0
