"""One experiment, from its recordings to its record: states, head, temperatures, and what it says of the test clips.

What it says comes from the kept states of the int8 encoder, over the windows that `serd.score` asks about: the shipped
file's network differs from it by its head's rounding alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.base.calibration import Temperatures, fitted
from model_build.base.experiment import Experiment
from model_build.base.material import CLEAN, Said
from model_build.base.session import Session
from model_build.base.states import HALL
from model_build.corpora import Utterance
from model_build.evaluation.condition import CHANNELS, SNRS_DB, Condition
from model_build.experiments.experiment import SCORED, TEST_CORPUS
from model_build.experiments.record import Record
from model_build.statistics.predictions import Answers, answers, known_to
from serd.inference.decision import Rules

Say = Callable[[str], None]
Check = Callable[[], None]

CONDITIONS = (*(Condition("noise", db).name for db in SNRS_DB), *(own.name for own in CHANNELS), HALL)


def run_experiment(experiment: Experiment, data: Path, say: Say, check: Check = lambda: None) -> Record:
    """Do one experiment on the corpora in `data`; `check` is called now and then and may raise. Raises SerdError."""
    began, processor = time.monotonic(), time.process_time()
    session = Session(data, experiment, say, check)
    head, found = session.head(experiment), temperatures(session, experiment)
    rules = Rules.make(experiment.recipe.thresholds)
    said: dict[str, Said] = {}
    if experiment.protocol != "whole":
        tested = session.tested(experiment)
        for kind in (CLEAN, *(CONDITIONS if experiment.conditions else ())):
            part = SCORED if kind == CLEAN else f"{SCORED}, {kind}"
            said[part] = Said.make(head, session.heard(TEST_CORPUS, (kind,)), rules, lambda clip: clip.group in tested)
    labels = experiment.recipe.labels
    for corpus in experiment.others:
        said[corpus] = Said.make(head, session.heard(corpus, (CLEAN,)), rules, lambda clip: known_to(clip, labels))
    size = sum(own.size for own in (head.hidden, head.out, head.past)) + len(head.hidden_bias) + len(head.bias)
    numbers: dict[str, Any] = {
        "parameters": size + session.encoder.size(experiment.recipe.blocks),
        "macs": session.encoder.macs(experiment.recipe.blocks) + head.hidden.size + head.past.size,
        "train": sum(session.trains(clip, experiment) for own in session.material.values() for clip in own.clips),
        "epoch": experiment.recipe.schedule.epochs,
        "temperature": found.labels,
        "activation_temperature": found.activation,
        "activation": {part: _thousandths(own.activation(found.activation)) for part, own in said.items()},
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(time.process_time() - processor, 1),
    }
    return Record(
        run=experiment.document(),
        name=experiment.name,
        key=experiment.key,
        labels=labels,
        numbers=numbers,
        history={},
        answers={part: _answers(own, found) for part, own in said.items()},
    )


def temperatures(session: Session, experiment: Experiment) -> Temperatures:
    """From the inner splits of the experiment's twins; 1 where it has none."""
    rules = Rules.make(experiment.recipe.thresholds)
    every = []
    for twin in experiment.twins:
        heard = session.heard(TEST_CORPUS, (CLEAN,))
        every.append(Said.make(session.head(twin), heard, rules, partial(_among, session.tested(twin))))
    return fitted(every, experiment.recipe.labels) if every else Temperatures(1.0, 1.0)


def _among(groups: set[str], clip: Utterance) -> bool:
    return clip.group in groups


def _answers(said: Said, found: Temperatures) -> Answers:
    """A clip that was not asked about has no probability on any label."""
    return answers(said.clips, said.probabilities(found.labels))


def _thousandths(values: NDArray[np.float64]) -> list[int]:
    return [int(value) for value in np.rint(1000 * values)]
