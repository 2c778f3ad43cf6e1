"""Activation: how lively a voice sounds, which is often clear where its emotion is not.

High activation is what angry, happy, fearful and surprised voices share, low what neutral, calm, sad and bored ones do
(Russell 1980, "A circumplex model of affect"; disgust is in between).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

SURE = 0.8
"""Confidence from which on an activation can be relied on: then it is right nine times in ten."""

LEAST = 1e-4
"""Probabilities are not taken for nearer to 0 or 1 than this: one window cannot veto the others for ever."""


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation as it is published: rounded to 4 digits."""

    value: float
    """Probability of high activation."""
    confidence: float
    """Probability that the likelier of high and low is right: 0.5 to 1."""

    @classmethod
    def of(cls, probability: float) -> Activation:
        """Make it of a calibrated probability of high activation."""
        value = round(probability, 4)
        return cls(value, round(max(value, 1 - value), 4))

    @property
    def words(self) -> str:
        """`activated 88 %` or `not activated 85 %`; nothing where it is not sure."""
        if self.confidence < SURE:
            return ""
        return f"{'activated' if self.value >= 0.5 else 'not activated'} {100 * self.confidence:.0f} %"


def log_odds(probability: float) -> float:
    """Logarithm of p / (1 - p)."""
    held = min(max(probability, LEAST), 1 - LEAST)
    return math.log(held / (1 - held))


def probability(log_odds: float) -> float:
    """Inverse of `log_odds`."""
    return 0.5 * (1 + math.tanh(0.5 * log_odds))


def pool(windows: Iterable[tuple[float, float]]) -> float | None:
    """Probability from the weighted mean log-odds of (probability, weight) of some windows; None without any."""
    total = weight = 0.0
    for value, part in windows:
        total, weight = total + part * log_odds(value), weight + part
    return probability(total / weight) if weight else None
