"""References of training windows: a few other clips of the same person through the same line, other sentences.

Most are neutral or calm, as life is. A reference that held a window's own sentence would tell the head what is said
from how it is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serd.inference.frontend import Rows

TRIES = 8
"""Draws for one place of a reference before it stays empty."""


@dataclass(frozen=True, eq=False)
class WindowFacts:
    """What is known of training windows, each column (n,)."""

    clip: NDArray[np.intp]
    text: NDArray[np.intp]
    """Equal where the same sentence is said."""
    line: NDArray[np.intp]
    """Equal where the same person is heard through the same line."""
    neutral: NDArray[np.bool_]
    seconds: NDArray[np.float64]
    """Speech of each window."""


class ReferenceDraws:
    """Random references of windows: the same generator gives the same ones."""

    def __init__(self, spoken: WindowFacts, most: int, neutral: float) -> None:
        """`most` clips in each; a share of the places is for neutral speech, where the person has it."""
        self._spoken, self._most, self._share = spoken, most, neutral
        # Windows of a line stand together, neutral ones first.
        self._order = np.lexsort((~spoken.neutral, spoken.line))
        lines = int(spoken.line.max(initial=-1)) + 1
        self._count = np.bincount(spoken.line, minlength=lines)
        self._neutral = np.bincount(spoken.line[spoken.neutral], minlength=lines)
        self._first = np.concatenate([[0], np.cumsum(self._count)[:-1]])

    def draw(self, rng: np.random.Generator, chosen: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Windows (n,) -> windows of their references (n, most), and the seconds of each, 0 for an empty place."""
        spoken, shape = self._spoken, (len(chosen), self._most)
        line = np.broadcast_to(spoken.line[chosen][:, None], shape)
        count, neutral = self._count[line], self._neutral[line]
        wanted = (rng.random(shape) < self._share) | (neutral == count)
        quiet = wanted & (neutral > 0)
        first = self._first[line] + np.where(quiet, 0, neutral)
        among = np.where(quiet, neutral, count - neutral)
        open_ = np.arange(self._most) < rng.integers(1, self._most + 1, len(chosen))[:, None]
        index = np.zeros(shape, np.intp)
        seconds = np.zeros(shape)
        for _ in range(TRIES):
            drawn = self._order[first + (rng.random(shape) * among).astype(np.intp)]
            other = spoken.clip[drawn] != spoken.clip[chosen][:, None]
            other &= spoken.text[drawn] != spoken.text[chosen][:, None]
            taken = open_ & other
            index[taken], seconds[taken] = drawn[taken], spoken.seconds[drawn][taken]
            open_ = open_ & ~other
            if not open_.any():
                break
        return index, seconds

    def references(
        self, rng: np.random.Generator, chosen: NDArray[np.intp], features: Rows
    ) -> tuple[Rows, NDArray[np.float64]]:
        """Windows (n,), features of all -> means over their references (n, features), and the seconds of each (n,).

        Where nothing was found the mean is 0, and of 0 seconds.
        """
        index, seconds = self.draw(rng, chosen)
        total = seconds.sum(axis=1)
        weights = (seconds / np.maximum(total, 1e-9)[:, None]).astype(np.float32)
        means = np.zeros((len(chosen), features.shape[1]), np.float32)
        for place in range(self._most):
            means += weights[:, place, None] * features[index[:, place]]
        return means, total
