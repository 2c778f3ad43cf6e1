"""Temperatures of a head: divisors of its logits, and of its log-odds of activation, that make probabilities true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize

from model_build.statistics.metrics import log_loss
from model_build.training.encoded_clips import activation
from model_build.training.head_answers import HeadAnswers

LEAST = 1e-9


@dataclass(frozen=True)
class Temperatures:
    """Logits, and log-odds, are divided by these."""

    labels: float
    activation: float


def fit_temperatures(every: Sequence[HeadAnswers], labels: Sequence[str]) -> Temperatures:
    """Temperatures that make the truth likeliest (Guo et al. 2017) for clips that were asked about, between 1/5 and 5;
    1 where there are none."""
    clips = [clip for answers in every for clip in answers.clips]
    asked = np.array([len(logits) > 0 for answers in every for logits in answers.logits])
    truth = np.array([labels.index(str(clip.emotion)) if clip.emotion in labels else -1 for clip in clips], np.intp)
    active = np.array([activation(clip) for clip in clips], np.intp)
    labelled, graded = asked & (truth >= 0), asked & (active >= 0)
    if not (labelled.any() and graded.any()):
        return Temperatures(1.0, 1.0)

    def loss_of_labels(temperature: float) -> float:
        probabilities = np.concatenate([answers.probabilities(temperature) for answers in every])
        return log_loss(truth[labelled], probabilities[labelled])

    def loss_of_activation(temperature: float) -> float:
        high = np.concatenate([answers.activation(temperature) for answers in every])[graded]
        right = np.where(active[graded] == 1, high, 1 - high)
        return float(-np.log(np.maximum(right, LEAST)).mean())

    return Temperatures(_least(loss_of_labels), _least(loss_of_activation))


def _least(loss: Callable[[float], float]) -> float:
    """The temperature of the least loss."""
    least = scipy.optimize.minimize_scalar(
        lambda log_temperature: loss(float(np.exp(log_temperature))), bounds=(-np.log(5), np.log(5)), method="bounded"
    )
    return round(float(np.exp(least.x)), 4)
