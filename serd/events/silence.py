"""A reader's silence: what a command that shows events says while an endpoint has none to show."""

from __future__ import annotations

import logging
import time

from serd.events.iteration import Events

log = logging.getLogger("serd")

SILENCE_S = 3.0
"""How long nothing is said: a serd that is there repeats its last status at once."""


class Silence:
    """Says once, on behalf of a command, of which endpoints nothing was heard yet. The library stays quiet."""

    def __init__(self, events: Events) -> None:
        self._waiting = list(events.subscriptions)
        self._until = time.monotonic() + SILENCE_S

    def look(self) -> None:
        """To be called after each `receive`."""
        if not self._waiting:
            return
        self._waiting = [one for one in self._waiting if not (one.heard or one.refused)]
        if time.monotonic() < self._until:
            return
        for one in self._waiting:
            if one.is_connected:
                log.warning("%s: is there, but has sent nothing of what was asked for; still waiting", one.endpoint)
            else:
                log.warning(
                    "%s: nothing heard for %g s; see that serd runs there and publishes on that address; still waiting",
                    one.endpoint,
                    SILENCE_S,
                )
        self._waiting = []
