"""serd: a real-time speech emotion daemon.

`serd.subscribe(endpoint)` yields a running daemon's events; `serd.score(samples, rate)` scores a
recording. All is loaded when first used, so that a subscriber does not pay for the networks.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serd.events.subscriber import subscribe
    from serd.scoring.score import Score, score
    from serd.version import __version__

__all__ = ["Score", "__version__", "score", "subscribe"]

_HOMES = {
    "Score": "serd.scoring.score",
    "__version__": "serd.version",
    "score": "serd.scoring.score",
    "subscribe": "serd.events.subscriber",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'serd' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
