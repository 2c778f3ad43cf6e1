"""A clip: what its windows come to, summed up window by window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serd.block import Heard
from serd.events.activation import log_odds, probability
from serd.inference.decision import LEAST
from serd.inference.model import softmax


class ClipMean:
    """A clip's probabilities: the weighted mean log-probability over its windows with speech, normalised.

    Its activation is the same of log-odds.
    """

    def __init__(self) -> None:
        self._logs: NDArray[np.float64] | float = 0.0
        self._weight = 0.0
        self._log_odds = self._activation_weight = 0.0

    def add(self, probabilities: NDArray[np.float64], weight: float, activation: float | None = None) -> None:
        """Add a window's (labels,) and its probability of high activation; its weight is more than 0."""
        self._logs = self._logs + weight * np.log(np.maximum(probabilities, LEAST))
        self._weight += weight
        if activation is not None:
            self._log_odds += weight * log_odds(activation)
            self._activation_weight += weight

    @property
    def probabilities(self) -> NDArray[np.float64] | None:
        """(labels,), or None without a window."""
        return softmax(np.asarray(self._logs / self._weight)) if self._weight else None

    @property
    def activation(self) -> float | None:
        """Probability of high activation, or None without a window that told it."""
        return probability(self._log_odds / self._activation_weight) if self._activation_weight else None


def clip_probabilities(windows: Sequence[NDArray[np.float64]], weights: Sequence[float]) -> NDArray[np.float64] | None:
    """The probabilities (labels,) of a clip of these windows; None without any."""
    clip = ClipMean()
    for probabilities, weight in zip(windows, weights, strict=True):
        clip.add(probabilities, weight)
    return clip.probabilities


class SingleChannelCount:
    """Channels that were heard alone, counted window by window."""

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self._first: dict[int, Heard] = {}

    def add(self, heard: Heard | None) -> None:
        """Count a window; None: all channels were heard."""
        if heard is not None:
            self._counts[heard.heard] += 1
            self._first.setdefault(heard.heard, heard)

    def summary(self, windows: int) -> dict[str, Any] | None:
        """`Score.channels` of so many windows: the channel most often heard alone; None if there was none."""
        if not self._counts:
            return None
        most = self._first[self._counts.most_common(1)[0][0]]
        return {**asdict(most), "share": round(self._counts.total() / windows, 4)}
