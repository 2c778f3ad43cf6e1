"""`serd tail`: running serds' events as JSON lines."""

from __future__ import annotations

from collections.abc import Sequence

from serd.cli.source import open_source
from serd.errors import OK, UsageError
from serd.events.event import Kind
from serd.view.lines import print_events


def run(
    endpoints: Sequence[str],
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
        endpoints, source=source, kinds=kinds, timeout=timeout, server_key=server_key, keys=keys,
        durable=durable, username=username, password_file=password_file, domain=domain,
    ) as events:  # fmt: skip
        print_events(events, count, timeout)
    return OK
