"""What a run is expected to take, so that a session can be planned without starting it."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

from model_build.corpora import CORPORA
from model_build.evaluation.condition import APART, CHANNELS, GAINS, SNRS_DB
from model_build.experiments.experiment import Experiment
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.experiments.student_experiment import StudentExperiment
from model_build.thesis.experiment import FRONT_END, ThesisExperiment

MILLISECONDS = {"cnn": 4.0, "dnn": 1.3, "lstm": 2.8, "cnn-attention": 2.8, "cnn-lstm": 4.2}
"""Milliseconds of one core of an AMD EPYC (Zen 4), to train on one window once, batches of 8, on the 64 x 96 grid."""
GROWTH = {"cnn": (32, 1.5), "dnn": (384, 1.0)}
"""Standard width, and the power of the width with which the cost grows."""
SHARES = {"random": 0.64, "luna": 0.67, "folds": 0.68, "whole": 0.85}
"""Share of the corpus that trains."""
ASKED = 0.25
"""A window that is only asked about costs so much of one that trains."""
VIEW = 0.35
"""Milliseconds of one core, to draw a view of a clip for a default model."""
LEARNING = {"serd-small": (1.4, 12, 3), "serd-tiny": (1.0, 8, 1)}
"""Milliseconds of one core, to train one network of a default model on a window of 96 x 40; their standard width and
number."""
WIDER = 1.3
"""The power of the width with which that grows."""
HEARING_S = 20.0
"""Seconds to hear a fold's test clips once through the whole pipeline."""
CONDITIONS = len(GAINS) + len(APART) + len(SNRS_DB) + len(CHANNELS)
CONVERSATIONS = 2
"""The clips joined, whose pauses cost little, and each alone beside them."""
START_S = 4.0
"""Seconds to read features and build the network."""
HEAD_S = 15.0
"""Seconds to train a head of serd-base and ask it about the kept states; computing these is not counted."""
PIPED_S = 175.0
"""Seconds to hear some of a fold's test clips in real numbers and through the whole pipeline."""
KNOWING_S = 30.0
"""Seconds to train a head that knows a reference."""
TOLD_S = 5.0
"""Seconds to make the references of a corpus' test clips by every rule, and to ask about them."""


def expected_seconds(
    run: ThesisExperiment | Experiment | HeadExperiment | ReferenceExperiment | StudentExperiment,
) -> float:
    """Seconds of one core."""
    if isinstance(run, StudentExperiment):
        heads = HEAD_S * (2 if run.teacher is None else 3)
        return START_S + _training(run.base) + heads + HEARING_S * len(run.others)
    if isinstance(run, ReferenceExperiment):
        trainings = 1 + (len(run.calibration_splits) if run.seed == 0 else 0)
        return START_S + trainings * (HEAD_S + KNOWING_S) + TOLD_S
    if isinstance(run, HeadExperiment):
        heads = HEAD_S * (1 + (len(run.calibration_splits) if run.seed == 0 else 0))
        return START_S + heads + (PIPED_S if run.conditions else 0)
    return _default_model(run) if isinstance(run, Experiment) else _thesis(run)


def _default_model(experiment: Experiment) -> float:
    """Seconds to train it, its calibration split first where its seed is the first to ask, and to hear test clips."""
    heard = 1 + (CONDITIONS + CONVERSATIONS if experiment.conditions else 0)
    trainings = experiment.trainings if experiment.seed == experiment.calibration_split.seed else [experiment]
    training = sum(_training(split) for split in trainings)
    return START_S + training + (0 if experiment.inner else heard * HEARING_S)


def _training(experiment: Experiment) -> float:
    """Seconds of one core, its teacher's with it: whether that one is kept from an earlier run cannot be told here."""
    recipe, schedule = experiment.recipe, experiment.recipe.schedule
    size = recipe.front_end.rows * recipe.front_end.columns / (96 * 40)
    each, width, towers = LEARNING[recipe.network]
    variant = {"width": width, "towers": towers, **dict(recipe.variant)}
    learning = each * variant["towers"] * float((variant["width"] / width) ** WIDER)
    seconds = size * schedule.epochs * schedule.draws * (learning + VIEW / schedule.again) / 1000
    return seconds + (_training(experiment.teacher) if experiment.teacher else 0)


def _thesis(run: ThesisExperiment) -> float:
    total = CORPORA[run.corpus].recordings or 0
    tested = sum(CORPORA[other].recordings or 0 for other in run.others)
    if run.limit is not None:
        total, tested = min(total, run.limit), min(tested, run.limit * len(run.others))
    trained = SHARES[run.protocol] * total
    width, power = GROWTH.get(run.network, (1, 0.0))
    wider = float((dict(run.variant).get("width", width) / width) ** power)
    each = MILLISECONDS[run.network] / 1000 * wider * run.front_end.rows / FRONT_END.rows
    views = len(run.schedule.views)
    windows = run.schedule.epochs * trained * (1 + 0.18 * ASKED) + ASKED * views * (
        (1 - SHARES[run.protocol]) * total + tested
    )
    return START_S + each * windows


def pace(done: Iterable[tuple[float, float]]) -> float:
    """How much longer than expected runs took here, from pairs of expected and actual seconds; 1 without any."""
    ratios = [actual / wanted for wanted, actual in done if wanted > 0]
    return median(ratios) if ratios else 1.0
