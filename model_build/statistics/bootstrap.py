"""How sure a figure is: bootstrap over speakers, paired where two networks heard the same ones, and McNemar.

Clips of one speaker are alike, so speakers are drawn, not clips: with replacement, as many as there are
(Efron & Tibshirani 1993, the percentile interval). A figure over several seeds is the mean of each seed's,
all with the same drawn speakers. The draws are seeded: the same records give the same intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from model_build.statistics.predictions import Scored

DRAWS = 2000
SEED = 24
"""The seed of the draws."""

Confusions = NDArray[np.float64]
Figure = Callable[[Confusions], NDArray[np.float64]]
"""Confusion matrices (..., truth, answer) -> figures (...)."""


def accuracy(confusion: Confusions) -> NDArray[np.float64]:
    """Share of right answers."""
    right = np.trace(confusion, axis1=-2, axis2=-1)
    share: NDArray[np.float64] = right / np.maximum(confusion.sum(axis=(-2, -1)), 1)
    return share


def uar(confusion: Confusions) -> NDArray[np.float64]:
    """Mean recall over the classes that occur."""
    return _mean(np.diagonal(confusion, axis1=-2, axis2=-1), confusion.sum(axis=-1), confusion)


def precision(confusion: Confusions) -> NDArray[np.float64]:
    """Mean precision over the classes that occur; 0 for one never answered."""
    return _mean(np.diagonal(confusion, axis1=-2, axis2=-1), np.maximum(confusion.sum(axis=-2), 1), confusion)


def f1(confusion: Confusions) -> NDArray[np.float64]:
    """Mean F1 over the classes that occur."""
    sums = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    return _mean(2 * np.diagonal(confusion, axis1=-2, axis2=-1), sums, confusion)


def _mean(over: Confusions, under: Confusions, confusion: Confusions) -> NDArray[np.float64]:
    occurs = confusion.sum(axis=-1) > 0
    each = np.where(occurs, over / np.where(under > 0, under, 1), 0)
    mean: NDArray[np.float64] = each.sum(axis=-1) / np.maximum(occurs.sum(axis=-1), 1)
    return mean


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def holds(self, other: float) -> bool:
        """Whether a number lies in the interval."""
        return self.low <= other <= self.high


@dataclass(frozen=True, eq=False)
class Tally:
    """Confusion matrices of each speaker in each repetition."""

    groups: tuple[str, ...]
    confusion: Confusions
    """(repetitions, speakers, classes, classes)."""

    @classmethod
    def of(cls, repetitions: Sequence[Scored]) -> Tally:
        """One judged test for each seed; speakers that a seed did not test count nothing in it."""
        groups = tuple(sorted({str(group) for scored in repetitions for group in scored.group}))
        size = len(repetitions[0].classes)
        confusion = np.zeros((len(repetitions), len(groups), size, size))
        for scored, counts in zip(repetitions, confusion, strict=True):
            np.add.at(counts, (np.searchsorted(groups, scored.group), scored.truth, scored.answer), 1)
        return cls(groups, confusion)

    @classmethod
    def together(cls, parts: Sequence[Tally]) -> Tally:
        """Several tests of one repetition each, as of one: whom several have tested counts in it as often."""
        groups = tuple(sorted({group for part in parts for group in part.groups}))
        confusion = np.zeros((1, len(groups), *parts[0].confusion.shape[2:]))
        for part in parts:
            confusion[0, np.searchsorted(groups, part.groups)] += part.confusion[0]
        return cls(groups, confusion)

    def columns(self) -> dict[str, Any]:
        """The counts of one repetition for JSON: a speaker's stand in a row, by truth and then by answer."""
        rows = self.confusion[0].reshape(len(self.groups), -1)
        return {"speaker": list(self.groups), "counts": rows.astype(int).tolist()}

    @classmethod
    def parse(cls, columns: Mapping[str, Any]) -> Tally:
        """Read a tally from `columns`. Raises ValueError, KeyError or TypeError for anything else."""
        groups, counts = tuple(columns["speaker"]), np.array(columns["counts"], np.float64)
        size = math.isqrt(counts.shape[1]) if counts.ndim == 2 else 0
        if counts.shape != (len(groups), size * size) or list(groups) != sorted(set(groups)):
            raise ValueError(f"{len(groups)} speakers and counts of the shape {counts.shape}")
        return cls(groups, counts.reshape(1, len(groups), size, size))

    @property
    def total(self) -> Confusions:
        """Over repetitions and speakers: (classes, classes)."""
        total: Confusions = self.confusion.sum(axis=(0, 1))
        return total

    def each(self, figure: Figure) -> NDArray[np.float64]:
        """The figure of each repetition (repetitions,)."""
        return figure(self.confusion.sum(axis=1))

    def estimate(self, figure: Figure) -> Estimate:
        """Mean over the repetitions."""
        return _estimate(float(self.each(figure).mean()), self.drawn(figure))

    def against(self, other: Tally, figure: Figure) -> tuple[Estimate, float]:
        """This minus the other, with the same speakers drawn in both, and the two-sided p-value.

        Raises ValueError if they did not test the same speakers.
        """
        if self.groups != other.groups:
            raise ValueError("a paired comparison needs the same speakers on both sides")
        return self._apart(other, figure, 0)

    def beside(self, other: Tally, figure: Figure) -> tuple[Estimate, float]:
        """This minus the other, whose speakers are others and are drawn apart, and the two-sided p-value."""
        return self._apart(other, figure, 1)

    def _apart(self, other: Tally, figure: Figure, salt: int) -> tuple[Estimate, float]:
        apart = self.drawn(figure) - other.drawn(figure, salt)
        value = float(self.each(figure).mean() - other.each(figure).mean())
        beyond = min(int((apart <= 0).sum()), int((apart >= 0).sum()))
        return _estimate(value, apart), min(1.0, 2 * (beyond + 1) / (len(apart) + 1))

    def drawn(self, figure: Figure, salt: int = 0) -> NDArray[np.float64]:
        """The figure on each draw of speakers (draws,); another salt gives other draws."""
        count = len(self.groups)
        weights = _weights(count, salt)
        shape = self.confusion.shape
        flat = self.confusion.reshape(shape[0], count, -1)
        resampled = np.stack([(weights @ network).reshape(DRAWS, *shape[2:]) for network in flat])
        means: NDArray[np.float64] = figure(resampled).mean(axis=0)
        return means


@lru_cache(maxsize=16)
def _weights(count: int, salt: int) -> NDArray[np.float64]:
    """How often each speaker is drawn in each draw (draws, count)."""
    drawn = np.random.default_rng([SEED, count, salt]).integers(0, count, (DRAWS, count))
    cells = drawn + count * np.arange(DRAWS)[:, None]
    return np.bincount(cells.ravel(), minlength=DRAWS * count).reshape(DRAWS, count).astype(np.float64)


def mean_estimate(tallies: Sequence[Tally], figure: Figure) -> Estimate:
    """Mean over several tests; tests on the same speakers draw the same ones."""
    drawn = np.stack([tally.drawn(figure) for tally in tallies]).mean(axis=0)
    return _estimate(float(np.mean([tally.each(figure).mean() for tally in tallies])), drawn)


def mean_apart(pairs: Sequence[tuple[Tally, Tally]], figure: Figure) -> Estimate:
    """Mean over several tests of what the first of each pair has more than the second, the same speakers drawn in both.

    Raises ValueError if they did not test the same speakers.
    """
    apart = [first.against(second, figure)[0].value for first, second in pairs]
    drawn = np.stack([first.drawn(figure) - second.drawn(figure) for first, second in pairs]).mean(axis=0)
    return _estimate(float(np.mean(apart)), drawn)


def _estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(value, float(low), float(high))


@dataclass(frozen=True)
class McNemar:
    """Two networks on the same clips."""

    first_only: int
    """Clips that only the first has right."""
    second_only: int
    p: float
    """Exact, two-sided (McNemar 1947): a fair coin decides each clip on which they differ."""


def mcnemar(first: Scored, second: Scored) -> McNemar:
    """Compare by clip. Raises ValueError if the clips differ."""
    if not np.array_equal(first.clip, second.clip):
        raise ValueError("McNemar's test needs the same clips on both sides")
    b, c = int((first.right & ~second.right).sum()), int((~first.right & second.right).sum())
    p = float(scipy.stats.binomtest(min(b, c), b + c, 0.5).pvalue) if b + c else 1.0
    return McNemar(b, c, p)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted for as many comparisons as there are (Holm 1979)."""
    order = np.argsort(p_values, kind="stable")
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, k in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[int(k)]))
        adjusted[int(k)] = highest
    return adjusted


ItemFigure = Callable[[NDArray[np.intp]], float]
"""The figure of some of the items, by their indices; an item drawn twice is there twice."""


def interval(speakers: Sequence[str], figure: ItemFigure, draws: int = DRAWS) -> tuple[float, float]:
    """The 95 % interval (percentiles) of a figure of items, whose speakers are given: (low, high).

    The draws are seeded: the same speakers give the same interval. Draws that leave the figure without a value
    (NaN) do not count; without any that have one, both ends are NaN.
    """
    names = sorted(set(speakers))
    clips = [np.flatnonzero(np.array([speaker == name for speaker in speakers])) for name in names]
    if not clips:
        return float("nan"), float("nan")
    drawn = np.random.default_rng([SEED, len(clips)]).integers(0, len(clips), (draws, len(clips)))
    drawn_figures = np.array([figure(np.concatenate([clips[k] for k in one])) for one in drawn])
    drawn_figures = drawn_figures[~np.isnan(drawn_figures)]
    if not len(drawn_figures):
        return float("nan"), float("nan")
    low, high = np.quantile(drawn_figures, [0.025, 0.975])
    return float(low), float(high)
