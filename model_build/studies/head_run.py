"""One experiment with a head, from its recordings to its record: states, head, temperatures, answers to test clips.

The answers come from the kept states of the int8 encoder, over the windows that `serd.score` asks about: the shipped
file's network differs from it by its head's rounding alone.
"""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import Utterance
from model_build.evaluation.condition import CLEAN
from model_build.experiments.experiment import SCORED, TEST_CORPUS
from model_build.experiments.head_experiment import CONDITIONS, HeadExperiment
from model_build.experiments.record import Record
from model_build.files.progress import Check, Say, never
from model_build.statistics.predictions import answers, known_to
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_calibration import Temperatures, fit_temperatures
from model_build.training.head_session import HeadSession
from serd.inference.decision import Rules


def run_experiment(experiment: HeadExperiment, data: Path, say: Say, check: Check = never) -> Record:
    """Do one experiment on the corpora in `data`; `check` is called now and then and may raise. Raises SerdError."""
    began, processor = time.monotonic(), time.process_time()
    recipe, session = experiment.recipe, HeadSession(data, experiment, say, check)
    head, divisors = session.head(experiment), temperatures(session, experiment)
    rules = Rules.make(recipe.thresholds)
    parts: dict[str, HeadAnswers] = {}
    if experiment.protocol != "whole":
        tested = partial(_among, session.tested(experiment))
        for kind in (CLEAN.name, *(CONDITIONS if experiment.conditions else ())):
            part = SCORED if kind == CLEAN.name else f"{SCORED}, {kind}"
            parts[part] = HeadAnswers.make(head, session.encoded(TEST_CORPUS, (kind,)), rules, tested)
    for corpus in experiment.others:
        encoded = session.encoded(corpus, (CLEAN.name,))
        parts[corpus] = HeadAnswers.make(head, encoded, rules, lambda clip: known_to(clip, recipe.labels))
    clips = [clip for encoded in session.training_clips.values() for clip in encoded.clips]
    numbers: dict[str, Any] = {
        "parameters": head.parameters + session.encoder.size(recipe.blocks),
        "macs": session.encoder.macs(recipe.blocks) + head.macs,
        "train": sum(session.trains(clip, experiment) for clip in clips),
        "epoch": recipe.schedule.epochs,
        "temperature": divisors.labels,
        "activation_temperature": divisors.activation,
        "activation": {part: _thousandths(own.activation(divisors.activation)) for part, own in parts.items()},
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(time.process_time() - processor, 1),
    }
    return Record(
        run=experiment.document(),
        name=experiment.name,
        key=experiment.key,
        labels=recipe.labels,
        numbers=numbers,
        history={},
        # A clip that was not asked about has no probability on any label.
        answers={part: answers(own.clips, own.probabilities(divisors.labels)) for part, own in parts.items()},
    )


def temperatures(session: HeadSession, experiment: HeadExperiment) -> Temperatures:
    """Temperatures from the experiment's calibration splits; 1 where it has none."""
    rules = Rules.make(experiment.recipe.thresholds)
    every = []
    for split in experiment.calibration_splits:
        encoded = session.encoded(TEST_CORPUS, (CLEAN.name,))
        tested = partial(_among, session.tested(split))
        every.append(HeadAnswers.make(session.head(split), encoded, rules, tested))
    return fit_temperatures(every, experiment.recipe.labels) if every else Temperatures(1.0, 1.0)


def _among(groups: set[str], clip: Utterance) -> bool:
    return clip.group in groups


def _thousandths(values: NDArray[np.float64]) -> list[int]:
    return [int(value) for value in np.rint(1000 * values)]
