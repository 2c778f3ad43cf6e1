"""The record of an experiment with heads, from what they say of each part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from model_build.evaluation.confidence import PublishedConfidence
from model_build.evaluation.trial import Trial
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.record import Record
from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.statistics.predictions import answers
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_calibration import Temperatures


@dataclass(frozen=True, eq=False)
class PipelineAnswers:
    """What the daemon's pipeline says with a model file."""

    published: dict[str, PublishedConfidence] = field(default_factory=dict)
    streamed: Trial | None = None


def record_of(
    experiment: HeadExperiment | ReferenceExperiment,
    parts: Mapping[str, HeadAnswers],
    divisors: Temperatures,
    numbers: Mapping[str, Any],
    piped: PipelineAnswers | None = None,
) -> Record:
    """The record: each part's answers at these temperatures, and the numbers, among which are the activations."""
    heard = piped or PipelineAnswers()
    recipe = experiment.recipe if isinstance(experiment, HeadExperiment) else experiment.recipe.base
    thousandths = {
        part: np.rint(1000 * kept.activation(divisors.activation)).astype(int).tolist() for part, kept in parts.items()
    }
    return Record(
        run=experiment.document(),
        name=experiment.name,
        key=experiment.key,
        labels=recipe.labels,
        numbers={**numbers, "activation": thousandths},
        history={},
        # A clip that was not asked about has no probability on any label.
        answers={part: answers(kept.clips, kept.probabilities(divisors.labels)) for part, kept in parts.items()},
        published=heard.published,
        streamed=heard.streamed,
    )
