"""serd: a real-time speech emotion daemon.

`serd.subscribe(endpoint)` yields a running daemon's events, with `for` or `async for`; `serd.score(path)` or
`serd.score(samples, rate)` scores a recording. Both are loaded when first used, so that a subscriber does not pay for
the networks.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # typing itself takes longer than all of this

if TYPE_CHECKING:
    from typing import Any

    from serd.events.subscribe import subscribe
    from serd.events.types import Event, Frame, Segment, Status
    from serd.scoring.result import Score
    from serd.scoring.score import score
    from serd.version import __version__

__all__ = ["Event", "Frame", "Score", "Segment", "Status", "__version__", "score", "subscribe"]

_HOMES = {
    "Score": "serd.scoring.result",
    "__version__": "serd.version",
    "score": "serd.scoring.score",
    "subscribe": "serd.events.subscribe",
    **dict.fromkeys(("Event", "Frame", "Segment", "Status"), "serd.events.types"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'serd' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
