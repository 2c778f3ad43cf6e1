"""A reader's silence: what a command that shows events says while it has none to show."""

from __future__ import annotations

import logging
import time

from serd.events.subscriber import Subscription

log = logging.getLogger("serd")

SILENCE_S = 3.0
"""How long nothing is said: a serd that is there repeats its last status at once."""


class Silence:
    """Says once, on behalf of a command, that its subscription has heard nothing yet. The library stays quiet."""

    def __init__(self, events: Subscription, endpoint: str) -> None:
        self._events, self._endpoint = events, endpoint
        self._until: float | None = time.monotonic() + SILENCE_S

    def look(self, heard: bool) -> None:
        """To be called after each `receive`, with whether it brought an event."""
        if heard or self._events.refused:
            self._until = None
        elif self._until is not None and time.monotonic() >= self._until:
            self._until = None
            if self._events.is_connected:
                log.warning("%s: is there, but has sent nothing of what was asked for; still waiting", self._endpoint)
            else:
                log.warning(
                    "%s: nothing heard for %g s; see that serd runs there and publishes on that address; still waiting",
                    self._endpoint,
                    SILENCE_S,
                )
