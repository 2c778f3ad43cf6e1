"""The occupant of an endpoint: which serd publishes where another cannot, by the events that it sends."""

from __future__ import annotations

import os
from dataclasses import dataclass

from serd.defaults import ENDPOINT
from serd.errors import SerdError, escaped
from serd.events.payload import Payload
from serd.events.requests import process_of, running
from serd.events.subscribe import subscribe

PATIENCE_S = 1.0
"""How long an event is waited for: a serd repeats its last status to who comes."""


@dataclass(frozen=True, slots=True)
class Occupant:
    """A serd that publishes at an endpoint."""

    endpoint: str
    source: str
    state: str | None
    """The state of its device, where it has told one."""
    pid: int | None
    """Its process, where this account may command it and its name is no other's."""

    @property
    def text(self) -> str:
        """What it is and how to see more of it, in a line."""
        known = ", ".join(part for part in (f"process {self.pid}" if self.pid else "", self.state or "") if part)
        watch = "serd watch" if self.endpoint == ENDPOINT else f"serd watch {self.endpoint}"
        return f"the serd called {self.source}{f' ({known})' if known else ''} publishes there; `{watch}` shows it"


def find_occupant(endpoint: str) -> Occupant | None:
    """The serd that publishes at `endpoint`; None if within PATIENCE_S none is heard."""
    try:
        with subscribe(endpoint, timeout=PATIENCE_S) as events:
            event = next(events, None)
    except SerdError:
        return None
    if event is None:
        return None
    source = escaped(str(event["source"]))
    pids = [pid for one in running(os.environ, source) if (pid := process_of(one)) not in (None, os.getpid())]
    state = Payload(event["data"]).text("state") if event["type"].endswith(".status") else None
    return Occupant(endpoint, source, state, pids[0] if len(pids) == 1 else None)
