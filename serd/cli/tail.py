"""`serd tail`: a running serd's events as JSON lines."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from serd.cli.source import open_source
from serd.errors import OK, UsageError
from serd.events.event import Kind, encode
from serd.events.silence import Silence
from serd.events.subscribe import subscribe
from serd.events.subscriber import Subscription
from serd.system.streams import write

if TYPE_CHECKING:
    from serd.events.jetstream import JetStreamReader

    Envelopes = Subscription | JetStreamReader

log = logging.getLogger("serd")

PATIENCE_S = 0.1
"""How long one wait is, before a look at whether all is over, or whether nothing was heard at all."""


def run(
    endpoint: str,
    source: str | None,
    kinds: Sequence[Kind],
    count: int | None,
    timeout: float | None,
    *,
    server_key: str | None = None,
    keys: str | None = None,
    durable: str | None = None,
    username: str | None = None,
    password_file: str | None = None,
    domain: str | None = None,
) -> int:
    """Print events until `count` have come or none came for `timeout` seconds; the exit code.

    Raises UsageError, OutputError.
    """
    if count is not None and count < 0:
        raise UsageError(f"--count {count}: give 0 or more")
    with open_source(
        endpoint, source=source, kinds=kinds, timeout=timeout, server_key=server_key, keys=keys,
        durable=durable, username=username, password_file=password_file, domain=domain,
    ) as events:  # fmt: skip
        try:
            _print(events, count, timeout, Silence(events, endpoint) if isinstance(events, Subscription) else None)
        finally:
            _tell_loss(events)
    return OK


def follow(endpoint: str, over: threading.Event, take: Callable[[dict[str, Any]], None] = lambda _: None) -> bool:
    """Print all events until `over` is set and no more come; for a thread of the daemon's. `take` is given each.

    True if the reader has gone, as `head` does. Raises OutputError where they cannot be written for another reason.
    """
    with subscribe(endpoint) as events:
        while not events.closed:
            event = events.receive(PATIENCE_S)
            try:
                if event is not None:
                    take(event)
                    write(encode(event) + b"\n")
                elif over.is_set():
                    return False
            except BrokenPipeError:
                return True
    return False


def _print(events: Envelopes, count: int | None, timeout: float | None, silence: Silence | None) -> None:
    left = count
    while left is None or left > 0:
        event = _next(events, timeout, silence)
        if event is None:
            return
        try:
            write(encode(event) + b"\n")
        except BrokenPipeError:  # the reader has gone, as `head` does
            return
        left = None if left is None else left - 1


def _next(events: Envelopes, timeout: float | None, silence: Silence | None) -> dict[str, Any] | None:
    """The next event, or None if none comes for `timeout` seconds; a long wait is said."""
    until = math.inf if timeout is None else time.monotonic() + timeout
    while True:
        left = until - time.monotonic()
        event = events.receive(max(min(left, PATIENCE_S), 0))
        if silence is not None:
            silence.look(event is not None)
        if event is not None or left <= PATIENCE_S or events.closed:
            return event


def _tell_loss(events: Envelopes) -> None:
    if events.lost:
        log.warning("%d events were lost on the way: they are read more slowly than they come", events.lost)
    if events.malformed:
        log.warning("%d messages were not events of this version and were left out", events.malformed)
