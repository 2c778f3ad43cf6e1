"""Temperatures of labels and activation, by clip, from heads that have not heard who tests them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

from model_build.base.material import Said, activation
from model_build.statistics.metrics import log_loss

LEAST = 1e-9


@dataclass(frozen=True)
class Temperatures:
    """Logits, and log-odds, are divided by these."""

    labels: float
    activation: float


def fitted(every: Sequence[Said], labels: Sequence[str]) -> Temperatures:
    """Those that make the truth likeliest (Guo et al. 2017) for clips that were asked about, between 1/5 and 5;
    1 where there are none."""
    emotion = [clip.emotion for said in every for clip in said.clips]
    asked = np.array([len(own) > 0 for said in every for own in said.logits])
    truth = np.array([labels.index(str(own)) if own in labels else -1 for own in emotion], np.intp)
    active = np.array([activation(clip) for said in every for clip in said.clips], np.intp)
    named, told = asked & (truth >= 0), asked & (active >= 0)
    if not (named.any() and told.any()):
        return Temperatures(1.0, 1.0)

    def loss_of_labels(temperature: float) -> float:
        probabilities = np.concatenate([said.probabilities(temperature) for said in every])
        return log_loss(truth[named], probabilities[named])

    def loss_of_activation(temperature: float) -> float:
        high = np.concatenate([said.activation(temperature) for said in every])[told]
        right = np.where(active[told] == 1, high, 1 - high)
        return float(-np.log(np.maximum(right, LEAST)).mean())

    return Temperatures(_least(loss_of_labels), _least(loss_of_activation))


def _least(loss: Callable[[float], float]) -> float:
    found = scipy.optimize.minimize_scalar(
        lambda log_temperature: loss(float(np.exp(log_temperature))), bounds=(-np.log(5), np.log(5)), method="bounded"
    )
    return round(float(np.exp(found.x)), 4)


def error(right: NDArray[np.bool_], confidence: NDArray[np.float64], bins: int = 10) -> float:
    """Expected calibration error over bins of equal mass (Nguyen & O'Connor 2015)."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), bins)
    gaps = [len(part) * abs(confidence[part].mean() - right[part].mean()) for part in parts if len(part)]
    return float(sum(gaps) / max(1, len(right)))
