"""Where events come from: serds' own endpoints, or a stream that a bridge filled, by the kind of address."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from serd.bridges.secret import read_secret
from serd.errors import ConfigError, UsageError, brings
from serd.events.event import KINDS, Kind
from serd.events.iteration import Events
from serd.events.subscribe import subscribe

if TYPE_CHECKING:
    from serd.events.jetstream import JetStreamReader

SCHEMES = ("nats://", "tls://")


def open_source(
    addresses: Sequence[str],
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
) -> Events | JetStreamReader:
    """An iterator over the envelopes at `tcp://`, `ipc://`, `inproc://`, one or several; or `nats://HOST:PORT[/STREAM]`.

    `server_key` and `keys` are for the first, `durable`, `username`, `password_file` and
    `domain` for the last.
    Raises UsageError, ConfigError.
    """
    address = next((one for one in addresses if one.startswith(SCHEMES)), addresses[0])
    if not address.startswith(SCHEMES):
        login = (("--username", username), ("--password-file", password_file), ("--domain", domain))
        for name, value in (("--durable", durable), *login):
            if value is not None:
                raise UsageError(f"{name}: belongs to nats://HOST:PORT; {address} has nothing of the kind")
        given = address if len(addresses) == 1 else addresses
        return subscribe(given, source=source, kinds=kinds, timeout=timeout, server_key=server_key, keys=keys)
    if len(addresses) > 1:
        raise UsageError(f"{address}: is read alone, its stream has the events of many serds; leave the others out")
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
