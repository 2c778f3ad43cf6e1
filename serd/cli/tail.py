"""`serd tail`: a running serd's events as JSON lines."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from serd.commands.source import open_source
from serd.errors import OK, UsageError
from serd.events.event import Kind, encode
from serd.events.subscriber import subscribe

if TYPE_CHECKING:
    from serd.events.jetstream import JetStreamReader
    from serd.events.subscriber import Subscription

    Envelopes = Subscription | JetStreamReader

log = logging.getLogger("serd")

PATIENCE_S = 0.1
"""How long `follow` waits before it looks whether all is over."""


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
    """Print events until `count` have come, none came for `timeout` seconds, or a signal; the exit code.

    Raises UsageError, ConfigError.
    """
    if count is not None and count < 0:
        raise UsageError(f"--count {count}: give 0 or more")
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with open_source(
            endpoint, source=source, kinds=kinds, timeout=timeout, server_key=server_key, keys=keys,
            durable=durable, username=username, password_file=password_file, domain=domain,
        ) as events:  # fmt: skip
            try:
                _print(events, count)
            finally:
                _tell_loss(events)
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return OK


def follow(endpoint: str, over: threading.Event) -> bool:
    """Print all events until `over` is set and no more come; for a thread of the daemon's.

    True if the reader has gone, as `head` does. Where they cannot be written for another reason (a full disk)
    that is logged and False: who else has subscribed should not suffer.
    """
    with subscribe(endpoint) as events:
        while not events.closed:
            event = events.receive(PATIENCE_S)
            try:
                if event is not None:
                    write(encode(event) + b"\n")
                elif over.is_set():
                    return False
            except BrokenPipeError:
                return True
            except OSError as error:
                log.error("standard output: cannot be written (%s); events are published all the same", error.strerror)
                return False
    return False


def write(line: bytes) -> None:
    """Write to standard output at once, past Python's buffer, whose lock a blocked pipe would hold at exit."""
    while line:
        line = line[os.write(sys.stdout.fileno(), line) :]


def _print(events: Envelopes, count: int | None) -> None:
    left = count
    while left is None or left > 0:
        event = next(events, None)
        if event is None:
            return
        try:
            write(encode(event) + b"\n")
        except BrokenPipeError:  # the reader has gone, as `head` does
            return
        except OSError as error:
            raise UsageError(
                f"standard output: cannot be written ({error.strerror}); make room or send it elsewhere"
            ) from None
        left = None if left is None else left - 1


def _tell_loss(events: Envelopes) -> None:
    if events.lost:
        log.warning("%d events were lost on the way: they are read more slowly than they come", events.lost)
    if events.malformed:
        log.warning("%d messages were not events of this version and were left out", events.malformed)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt
