"""Figures of merit, from truth and probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.stats
from numpy.typing import NDArray

from serd.inference.decision import LEAST

Labels = NDArray[np.intp]
Probabilities = NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    """What one confusion matrix tells."""

    count: int
    accuracy: float
    """Share of right answers; precision, recall and F1 averaged "micro" are this same number."""
    uar: float
    """Mean recall over the labels that occur (unweighted average recall, macro recall)."""
    precision: float
    """Mean over the labels that occur; 0 for one never answered."""
    f1: float
    """Mean over the labels that occur."""
    confusion: list[list[int]]
    """Rows: truth, columns: answer."""


def figures(truth: Labels, answers: Labels, labels: int) -> Figures:
    """Figures from the index of the true and of the answered label of each item (n,)."""
    confusion = np.zeros((labels, labels), int)
    np.add.at(confusion, (truth, answers), 1)
    right, support, answered = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    occurs = support > 0
    recall = right[occurs] / support[occurs]
    precision = right[occurs] / np.maximum(answered[occurs], 1)
    f1 = 2 * right[occurs] / (support[occurs] + answered[occurs])
    return Figures(
        count=len(truth),
        accuracy=float(right.sum() / max(1, len(truth))),
        uar=_mean(recall),
        precision=_mean(precision),
        f1=_mean(f1),
        confusion=confusion.tolist(),
    )


def log_loss(truth: Labels, probabilities: Probabilities) -> float:
    """Mean negative log-probability of the truth."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(truth)), truth], LEAST)).mean())


def calibration_error(truth: Labels, probabilities: Probabilities, bins: int = 10) -> float:
    """Expected calibration error of the top label, over bins of equal mass (Nguyen & O'Connor 2015)."""
    return expected_calibration_error(probabilities.argmax(axis=1) == truth, probabilities.max(axis=1), bins)


def expected_calibration_error(right: NDArray[np.bool_], confidence: NDArray[np.float64], bins: int = 10) -> float:
    """Mean gap between confidence and accuracy over bins of equal mass (Nguyen & O'Connor 2015), from (n,) each."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    gaps = [len(part) * abs(confidence[part].mean() - right[part].mean()) for part in parts if len(part)]
    return float(sum(gaps) / max(1, len(right)))


def auc(truth: NDArray[np.bool_], value: NDArray[np.float64]) -> float:
    """Chance that the value of a true item lies above that of a false one; equal values count half."""
    rank = scipy.stats.rankdata(value)
    true, false = int(truth.sum()), int((~truth).sum())
    return float((rank[truth].sum() - true * (true + 1) / 2) / max(1, true * false))


def fit_temperature(truth: Labels, logits: NDArray[np.floating]) -> float:
    """The temperature that makes the truth likeliest (Guo et al. 2017), between 1/8 and 8."""
    z = logits.astype(np.float64)

    def loss(log_temperature: float) -> float:
        scaled = z / np.exp(log_temperature)
        peak = scaled.max(axis=1)
        total = np.log(np.exp(scaled - peak[:, None]).sum(axis=1)) + peak
        return float((total - scaled[np.arange(len(truth)), truth]).mean())

    least = scipy.optimize.minimize_scalar(loss, bounds=(-np.log(8), np.log(8)), method="bounded")
    return float(np.exp(least.x))


def _mean(values: NDArray[np.floating]) -> float:
    return float(values.mean()) if len(values) else 0.0
