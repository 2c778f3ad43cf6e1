"""The stream of the nats bridge: made where it is missing, refused where it is another's, purged by source."""

from __future__ import annotations

import json
from dataclasses import dataclass

from nats.aio.client import Client
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from serd.errors import ConfigError
from serd.events.event import MAJOR
from serd.events.natsclient import SUBJECTS

MAX_AGE_S = 24 * 3600.0
"""How long events are kept unless somebody says otherwise."""

DUPLICATES_S = 120.0
"""How long the server knows an event's id, and refuses to store it a second time."""

OVERLAP = 10065
"""The server's code for subjects that belong to another stream."""


@dataclass(frozen=True)
class Stream:
    """One stream by its name, and for how long it is to keep events."""

    name: str
    max_age_s: float | None
    """None: leave a stream that exists as it is."""

    async def ensure(self, js: JetStreamContext) -> None:
        """Make the stream, or see that it takes our subjects and has our age. Raises ConfigError, nats's errors."""
        try:
            config = (await js.stream_info(self.name)).config
        except NotFoundError:
            await self._make(js)
            return
        if SUBJECTS not in (config.subjects or ()):
            others = ", ".join(config.subjects or ("none",))[:200]
            raise ConfigError(f"stream {self.name}: takes subjects {others}, not {SUBJECTS}; give another --stream")
        if self.max_age_s is not None and config.max_age != self.max_age_s:
            window = min(config.duplicate_window, self.max_age_s)
            await js.update_stream(config.evolve(max_age=self.max_age_s, duplicate_window=window))

    async def purge(self, client: Client, domain: str | None, source: str) -> int:
        """Delete all events of a source; how many there were. Raises ConfigError, nats's errors."""
        request = json.dumps({"filter": f"serd.v{MAJOR}.{source}.>"}).encode()
        # The library's own purge_stream does not tell how many it were.
        api = f"$JS.{domain}.API" if domain else "$JS.API"
        answer = json.loads((await client.request(f"{api}.STREAM.PURGE.{self.name}", request, timeout=60)).data)
        error = answer.get("error")
        if error:
            raise ConfigError(f"stream {self.name}: cannot be purged ({error.get('description')}); see --stream")
        return int(answer.get("purged", 0))

    async def _make(self, js: JetStreamContext) -> None:
        age = self.max_age_s or MAX_AGE_S
        config = StreamConfig(
            name=self.name,
            description="events of serd",
            subjects=[SUBJECTS],
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            max_age=age,
            duplicate_window=min(DUPLICATES_S, age),
        )
        try:
            await js.add_stream(config)
        except APIError as error:
            if error.err_code == OVERLAP:
                raise ConfigError(
                    f"stream {self.name}: another stream takes {SUBJECTS} already; give its name by --stream"
                ) from None
            raise
