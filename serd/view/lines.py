"""Events as JSON lines on standard output, each written whole as soon as it comes."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from serd.events.event import encode
from serd.events.iteration import Events
from serd.events.silence import Silence
from serd.events.subscribe import subscribe
from serd.system.streams import write

if TYPE_CHECKING:
    from serd.events.jetstream import JetStreamReader

log = logging.getLogger("serd")

PATIENCE_S = 0.1
"""How long one wait is, before a look at whether all is over, or whether nothing was heard at all."""


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


def print_events(events: Events | JetStreamReader, count: int | None, timeout: float | None) -> None:
    """Print events until `count` have come or none came for `timeout` seconds; say what was lost of them.

    Raises OutputError.
    """
    silence = Silence(events) if isinstance(events, Events) else None
    try:
        left = math.inf if count is None else count
        while left > 0 and (event := _next(events, timeout, silence)) is not None:
            write(encode(event) + b"\n")
            left -= 1
    except BrokenPipeError:  # the reader has gone, as `head` does
        pass
    finally:
        _tell_loss(events)


def _next(events: Events | JetStreamReader, timeout: float | None, silence: Silence | None) -> dict[str, Any] | None:
    """The next event, or None if none comes for `timeout` seconds; a long wait is said."""
    until = math.inf if timeout is None else time.monotonic() + timeout
    while True:
        left = until - time.monotonic()
        event = events.receive(max(min(left, PATIENCE_S), 0))
        if silence is not None:
            silence.look()
        if event is not None or left <= PATIENCE_S or events.closed:
            return event


def _tell_loss(events: Events | JetStreamReader) -> None:
    if events.lost:
        log.warning("%d events were lost on the way: they are read more slowly than they come", events.lost)
    if events.malformed:
        log.warning("%d messages were not events of this version and were left out", events.malformed)
