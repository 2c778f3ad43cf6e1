"""Where events come from: a serd's own endpoint, or a stream that a bridge filled, by the kind of address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from serd.bridges.secret import read_secret
from serd.errors import ConfigError, UsageError, brings
from serd.events.event import KINDS, Kind
from serd.events.subscribe import subscribe
from serd.events.subscriber import Subscription

if TYPE_CHECKING:
    from serd.events.jetstream import JetStreamReader

SCHEMES = ("nats://", "tls://")


def open_source(
    address: str,
    *,
    source: str | None = None,
    kinds: Sequence[Kind] = KINDS,
    timeout: float | None = None,
    server_key: str | None = None,
    keys: str | None = None,
    durable: str | None = None,
    username: str | None = None,
    password_file: str | None = None,
    domain: str | None = None,
) -> Subscription | JetStreamReader:
    """An iterator over the envelopes at `address`: `tcp://`, `ipc://`, `inproc://`; `nats://HOST:PORT[/STREAM]`.

    `server_key` and `keys` are for the first, `durable`, `username`, `password_file` and
    `domain` for the last.
    Raises UsageError, ConfigError.
    """
    if not address.startswith(SCHEMES):
        login = (("--username", username), ("--password-file", password_file), ("--domain", domain))
        for name, value in (("--durable", durable), *login):
            if value is not None:
                raise UsageError(f"{name}: belongs to nats://HOST:PORT; {address} has nothing of the kind")
        return subscribe(address, source=source, kinds=kinds, timeout=timeout, server_key=server_key, keys=keys)
    if server_key is not None or keys is not None:
        raise UsageError("--server-key, --keys: belong to a serd's own endpoint; for NATS use tls:// and --username")
    try:
        from serd.events.jetstream import JetStreamReader
        from serd.events.natsclient import STREAM, Server
    except ModuleNotFoundError as error:
        raise ConfigError(f"{address}: {error.name} is not installed; {brings('nats')}") from None

    scheme, _, rest = address.partition("://")
    host, _, stream = rest.partition("/")
    if stream and not stream.replace("-", "_").replace("_", "a").isalnum():
        raise UsageError(f"stream {stream[:64]!r}: no name of a stream; give {scheme}://{host}/NAME")
    server = Server(f"{scheme}://{host}", username, read_secret(password_file, "nats_password"), domain=domain)
    return JetStreamReader(
        server, stream=stream or STREAM, source=source, kinds=kinds, timeout=timeout, durable=durable
    )
