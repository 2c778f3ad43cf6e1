"""Segments: stretches of one emotion, each with a start and an end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from serd.inference.decision import Decision
from serd.inference.quality import Quality

EndedBy = Literal["change", "gap", "mute", "stop"]


@dataclass(frozen=True, slots=True)
class Segment:
    """One emotion, from the stride in which it was announced to the last in which it held."""

    number: int
    """Counts the stream's segments from 1."""
    label: int
    start: int
    end: int
    """Places in the stream, in samples; the end grows until the segment is over."""
    probabilities: NDArray[np.float64]
    """Mean over its windows, unsmoothed."""
    speech: float
    """Mean speech probability."""
    quality: Quality
    """Quality of its loudest stride: the last ones are often the pause after the words."""
    ended_by: EndedBy | None
    """None while it lasts."""
    activation: float | None = None
    """Mean probability of high activation over its windows, unsmoothed; None where the network does not tell it."""


class SegmentTracker:
    """Follows the decisions; every segment that is opened is closed."""

    def __init__(self) -> None:
        self._count = 0
        self._open: Segment | None = None
        self._windows = 0

    def step(
        self,
        decision: Decision,
        start: int,
        end: int,
        raw: NDArray[np.float64] | None,
        speech: float,
        *,
        quality: Quality,
        activation: float | None = None,
    ) -> list[Segment]:
        """Segments that end or begin with this decision about the stride [start, end), ends first."""
        changes: list[Segment] = []
        if self._open is not None and decision.label != self._open.label:
            changes += self.close("change")
        if decision.label is None or raw is None:
            return changes
        if self._open is None:
            self._count += 1
            self._windows = 1
            self._open = Segment(self._count, decision.label, start, end, raw, speech, quality, None, activation)
            changes.append(self._open)
        else:
            n, held = self._windows, self._open
            self._windows += 1
            self._open = replace(
                held,
                end=end,
                probabilities=(held.probabilities * n + raw) / (n + 1),
                speech=(held.speech * n + speech) / (n + 1),
                quality=max(held.quality, quality, key=lambda one: one.level),
                activation=_mean(held.activation, activation, n),
            )
        return changes

    def close(self, ended_by: EndedBy) -> list[Segment]:
        """End the open segment, if there is one."""
        if self._open is None:
            return []
        last, self._open = self._open, None
        return [replace(last, ended_by=ended_by)]


def _mean(held: float | None, fresh: float | None, n: int) -> float | None:
    """Mean of n windows and a further one."""
    return None if held is None or fresh is None else (held * n + fresh) / (n + 1)
