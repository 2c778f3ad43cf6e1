"""The scene: all there is to see at one moment, before it is known how large the screen is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serd.view.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Scene:
    """Numbers are as in the events; None where there is nothing to show."""

    now: float
    word: str
    """The state, or the emotion, in a word or two."""
    detail: str
    tone: str
    """`alarm`, `quiet`, `plain` or an emotion's label."""
    confidence: float | None
    labels: tuple[str, ...]
    label: str | None
    probabilities: Mapping[str, float]
    level: float | None
    bands: tuple[float, ...]
    clipping: float
    source: str
    """The publishing serd's name."""
    state: str
    """State of its microphone or recording."""
    device: str
    synthetic: bool
    endpoint: str
    hint: str
    facts: tuple[tuple[str, str, bool], ...]
    """Names, values, and whether they are bad news; the most wanted first."""
    timeline: Timeline


def percent(share: float | None, digits: int = 0) -> str:
    """0.873 as `87 %`."""
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def span(seconds: float) -> str:
    """A length of time in its largest sensible unit."""
    seconds = max(seconds, 0.0)
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds // unit:.0f} {name}"
    return f"{seconds:.0f} s"
