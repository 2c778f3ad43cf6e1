"""serd-base's networks in the daemon's pipeline: conversations, the published confidence, and int8 against float."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from model_build.evaluation import base_targets, streaming, targets
from model_build.evaluation.alignment import UNSURE
from model_build.evaluation.scored import calibration
from model_build.evaluation.trial import Trial, pooled
from model_build.experiments.head_experiment import HeadExperiment
from model_build.report.formatting import interval, percent, points
from model_build.report.measure import Measure, at_most, measured, within_points
from model_build.report.records import Records, of_protocol, tallies
from model_build.report.sections.model import heard
from model_build.statistics.bootstrap import uar
from model_build.studies.head_run import COMPARED, FLOAT, FOLLOWED, INT8

TEXT = (
    f"Of Luna's folds, first seed: int8 is held against real numbers on the same windows of {COMPARED} test clips a "
    f"fold; the stream and the published confidence are those of {FOLLOWED} clips a fold "
    "through the daemon's whole pipeline with a file of the fold's network. Either are drawn with a fixed "
    "seed, every emotion alike. Unsure: speech of which neither the emotion nor the activation is known."
)


def measures(book: Records, runs: Sequence[HeadExperiment]) -> Iterable[Measure]:
    """Measures of the networks that were heard in the pipeline; none before they are run."""
    luna = [run for run in of_protocol(runs, "luna") if run.conditions]
    records = [record for _, record in book.there(luna)]
    compared = [run for run, record in book.there(luna) if FLOAT in record.answers]
    both = tallies(heard(book, compared, INT8), heard(book, compared, FLOAT))
    if both:
        apart, _ = both[0].against(both[1], uar)
        yield Measure("UAR, int8 minus float", points(apart), *within_points(apart.value, targets.INT8_POINTS))
    windows = [
        (confidences.right, confidences.confidence, record.answers[part].group[confidences.clip])
        for record in records
        for part, confidences in record.published.items()
        if len(confidences.clip)
    ]
    if windows:
        error = calibration(*(np.concatenate(column) for column in zip(*windows, strict=True)))
        name = "expected calibration error of the published confidence, unheard speakers"
        yield Measure(name, interval(error), *at_most(error.value, targets.CALIBRATION_ERROR))
    trials = [record.streamed for record in records if record.streamed is not None]
    if trials:
        trial = pooled(trials)
        for make in (streaming.delay, streaming.changes, streaming.recall):
            yield measured(make(trial))
        share = unsure(trial)
        aim = at_most(share, base_targets.UNSURE)
        yield Measure("streaming: unsure, % of the frames about speech", percent(share), *aim)


def unsure(trial: Trial) -> float:
    """Share of the frames about speech of which neither the emotion nor the activation is known."""
    total: Counter[str] = Counter()
    for alignment in trial.followed:
        total.update(alignment.frames)
    return total[UNSURE] / max(1, sum(total[state] for state in streaming.STATES))
