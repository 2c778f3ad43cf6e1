"""What a bridge is: it takes a running serd's events, in a process of its own, and hands them on to another system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from serd.bridges.options import Settings
from serd.events.reading import Reading

BEAT_S = 5.0
"""How often a bridge is given its own state of health, whether or not events come."""


class UnreachableError(Exception):
    """The other side cannot be reached, or has gone: the bridge is opened anew after a pause. Its text is one line."""


@dataclass(frozen=True, slots=True)
class Health:
    """What a bridge knows of itself; counts are since its start."""

    taken: int
    """Events that were handed on."""
    dropped: int
    """Events that fell out of the full queue while the other side was away or slow."""
    lost: int
    """Events that were numbered by their serd and never came here."""
    malformed: int
    """Messages that are no events of this version."""
    queued: int
    """Events that wait now."""
    reopened: int
    """How often the other side had to be reached again."""


class Bridge(Protocol):
    """One way to the other side. All calls come from one thread, and may block for a few seconds at most.

    An entry point of the group `serd.bridges` makes it known under its name: `serd bridge NAME`. Its module may
    import what an extra brings; where that is missing the command says which extra it is.
    """

    Settings: ClassVar[type[Settings]]
    """A frozen dataclass that inherits `options.Settings`, its fields declared by `options.option`."""

    def __init__(self, settings: Any) -> None:
        """Look at the settings alone. Raises SerdError for those that cannot be."""

    @property
    def target(self) -> str:
        """The other side, for people to read."""

    def open(self) -> None:
        """Reach the other side. Raises UnreachableError to be asked again after a pause, SerdError to end the bridge.

        Once it has been open a SerdError, too, is asked again: a server that starts up may refuse for a while.
        """

    def take(self, event: Reading) -> None:
        """Hand an event on. Raises UnreachableError; the same event is given again after the next `open`."""

    def beat(self, health: Health) -> None:
        """Called when it has been opened and every BEAT_S while open: tell it on, see who has fallen silent."""

    def close(self) -> None:
        """Let go of the other side, which may be opened again; harmless when closed."""


@runtime_checkable
class OneShot(Protocol):
    """A bridge whose settings may ask for one task in the place of its service: to delete what it sent, say."""

    def run_oneshot(self) -> bool:
        """Run it, without a subscription; whether there was one. Raises SerdError."""
