"""One experiment with a small network that is given what serd-base has: the network, its heads, and their answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.clips.features import Clip, corpus_clips
from model_build.experiments.experiment import TEST_CORPUS
from model_build.experiments.record import Record
from model_build.experiments.student_experiment import StudentExperiment
from model_build.files.progress import Check, Say, never
from model_build.networks.architectures import macs, parameters
from model_build.networks.head import ACTIVE, CALMER
from model_build.networks.person_reference import SecondHead
from model_build.statistics.bootstrap import Tally
from model_build.statistics.metrics import auc
from model_build.statistics.predictions import WITHOUT_CALM, answers, known_to, score_answers
from model_build.studies.clock import Clock
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_calibration import Temperatures
from model_build.training.histories import Rule
from model_build.training.reference_answers import ReferenceAsker, blend, scaled
from model_build.training.student_session import StudentSession
from serd.inference.decision import Rules

HEAD = "head"
"""Answers of the head without a reference, beside those of the network itself."""
HISTORIES: tuple[Rule, ...] = ("neutral", "mixed")
"""What references are made of."""
EVEN = Temperatures(1.0, 1.0)
"""Screening fits no temperature: labels are compared, not confidences."""


def run_experiment(experiment: StudentExperiment, data: Path, say: Say, check: Check = never) -> Record:
    """Do one experiment on the corpora in `data`; `check` is called now and then and may raise. Raises SerdError."""
    clock = Clock()
    recipe, session = experiment.recipe, StudentSession(data, experiment, say, check)
    network, (first, second) = session.network, session.heads
    rules, blend_s = Rules.make(recipe.base.thresholds), recipe.reference.blend_s
    asker = ReferenceAsker(SecondHead(second, recipe.reference.half_s), rules)
    parts, seconds = dict[str, HeadAnswers](), dict[str, float]()
    for corpus in (TEST_CORPUS, *experiment.others):
        check()
        windows = session.windows(session.test if corpus == TEST_CORPUS else _others(experiment, corpus, data))
        encoded = windows.encoded(network)
        parts[corpus] = windows.answers(network, rules)
        alone = scaled(HeadAnswers.make(first, encoded, rules, lambda _: True), EVEN)
        parts[f"{corpus}, {HEAD}"] = alone
        for rule in HISTORIES:
            told = asker.answers(encoded, rule, lambda _: True)
            parts[part := f"{corpus}, {rule}"] = blend(alone, scaled(told.answers, EVEN), told.seconds, blend_s)
            seconds[part] = round(float(told.seconds.mean()), 2)
    areas = {
        part: round(_area(kept, kept.activation(1.0) if HEAD in part else _active(kept, recipe.labels)), 4)
        for part, kept in parts.items()
        if part.split(", ")[-1] in (HEAD, part)
    }
    numbers: dict[str, Any] = {
        "parameters": parameters(network),
        "macs": macs(network),
        "head_parameters": first.parameters + second.parameters,
        "train": len(session.train),
        "epoch": recipe.schedule.epochs,
        "faults": len(session.dataset.faults),
        "seconds": seconds,
        "activation": areas,
        **clock.numbers,
    }
    return Record(
        run=experiment.document(),
        name=experiment.name,
        key=experiment.key,
        labels=recipe.labels,
        numbers=numbers,
        history={"loss": session.losses},
        answers={},
        tallies={part: _tally(kept, recipe.labels) for part, kept in parts.items()},
    )


def _tally(kept: HeadAnswers, labels: tuple[str, ...]) -> Tally:
    """All classes of the test corpus, four of another one."""
    told = answers(kept.clips, kept.probabilities(1.0))
    return Tally.of([score_answers(told, labels, None if told.corpus == TEST_CORPUS else WITHOUT_CALM)])


def _active(kept: HeadAnswers, labels: tuple[str, ...]) -> NDArray[np.float64]:
    """High activation as a network tells it that has no output for it: the share of ACTIVE (clips,)."""
    share: NDArray[np.float64] = kept.probabilities(1.0)[:, [labels.index(label) for label in ACTIVE]].sum(axis=1)
    return share


def _area(kept: HeadAnswers, activation: NDArray[np.float64]) -> float:
    """Area under the curve of high activation, over the clips of which it is known."""
    names = np.array([str(clip.emotion) for clip in kept.clips])
    known = np.isin(names, (*ACTIVE, *CALMER))
    return auc(np.isin(names[known], ACTIVE), activation[known])


def _others(experiment: StudentExperiment, corpus: str, data: Path) -> list[Clip]:
    recipe = experiment.recipe
    clips, _ = corpus_clips(corpus, data, recipe.base.front_end, experiment.limit)
    return [clip for clip in clips if known_to(clip.utterance, recipe.labels)]
