"""`serd.subscribe`: a subscription to one serd, or to several at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from serd.defaults import ENDPOINT
from serd.events.event import KINDS, Kind
from serd.events.iteration import Events
from serd.events.several import Several
from serd.events.subscriber import Subscription


@overload
def subscribe(
    endpoint: str = ENDPOINT,
    *,
    source: str | None = None,
    kinds: Sequence[Kind] = KINDS,
    timeout: float | None = None,
    server_key: str | None = None,
    keys: str | None = None,
) -> Subscription: ...
@overload
def subscribe(
    endpoint: Sequence[str],
    *,
    source: str | None = None,
    kinds: Sequence[Kind] = KINDS,
    timeout: float | None = None,
    server_key: str | None = None,
    keys: str | None = None,
) -> Events: ...
def subscribe(
    endpoint: str | Sequence[str] = ENDPOINT,
    *,
    source: str | None = None,
    kinds: Sequence[Kind] = KINDS,
    timeout: float | None = None,
    server_key: str | None = None,
    keys: str | None = None,
) -> Events:
    """The events of the serd that publishes at `endpoint`, now or later, as dicts; iterate over it.

    Of several endpoints, the events of all as they come. It works with `for` and with `async for`; `serd.Event` is the
    type of what it yields. `source` and `kinds` choose some of them; iteration ends when none has come for `timeout`
    seconds. A serd that publishes to other machines wants keys: `server_key` is its public one (40 characters, or a
    file), our own are in the folder `keys` (by default ~/.config/serd/keys; `serd keys new` makes them).
    Use it as a context manager, or close it. Raises UsageError, ConfigError.
    """
    if isinstance(endpoint, str):
        return Subscription(endpoint, source, kinds, timeout, server_key=server_key, keys=keys)
    return Several(endpoint, source, kinds, timeout, server_key=server_key, keys=keys)
