"""One experiment with a head that knows a reference: both heads, their temperatures, and answers by every history."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from model_build.corpora import Utterance
from model_build.evaluation.condition import CHANNELS, CLEAN
from model_build.experiments.experiment import SCORED, TEST_CORPUS
from model_build.experiments.head_recipe import PLAIN, READING
from model_build.experiments.record import Record
from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.files.progress import Check, Say, never
from model_build.networks.person_reference import SecondHead
from model_build.statistics.predictions import known_to
from model_build.studies.clock import Clock
from model_build.studies.head_record import record_of
from model_build.studies.head_run import temperatures as base_temperatures
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_calibration import Temperatures, fit_temperatures
from model_build.training.histories import RULES, Rule
from model_build.training.reference_answers import ReferenceAsker, blend, scaled
from model_build.training.reference_session import ReferenceSession
from serd.inference.decision import Rules

TELEPHONE = CHANNELS[-1].name
"""The condition under which another microphone's references are heard."""
AT_HOME: Rule = "neutral"
"""The history with which the second head's temperature is fitted: the one that life gives."""


def run_experiment(experiment: ReferenceExperiment, data: Path, say: Say, check: Check = never) -> Record:
    """Do one experiment on the corpora in `data`; `check` is called now and then and may raise. Raises SerdError."""
    clock = Clock()
    recipe, session = experiment.recipe, ReferenceSession(data, experiment, say, check)
    own, its = base_temperatures(session.base, experiment.base), temperatures(session, experiment)
    first, second = session.base.head(experiment.base), session.head(experiment)
    rules = Rules.make(recipe.base.thresholds)
    asker = ReferenceAsker(SecondHead(second, recipe.half_s), rules)
    parts, seconds = dict[str, HeadAnswers](), dict[str, float]()
    for corpus in corpora_of(experiment):
        label = SCORED if corpus == TEST_CORPUS else corpus
        encoded = session.base.encoded(corpus, (CLEAN.name,))
        tested = _tested(session, experiment, corpus)
        parts[label] = scaled(HeadAnswers.make(first, encoded, rules, tested), own)
        for rule in histories(corpus):
            before = session.base.encoded(corpus, (TELEPHONE,)) if rule == "other microphone" else None
            told = asker.answers(encoded, rule, tested, before)
            parts[part := f"{label}, {rule}"] = blend(
                parts[label], scaled(told.answers, its), told.seconds, recipe.blend_s
            )
            seconds[part] = round(float(told.seconds.mean()), 2)
    numbers: dict[str, Any] = {
        "parameters": first.parameters + second.parameters + session.base.encoder.size(recipe.base.blocks),
        "macs": session.base.encoder.macs(recipe.base.blocks) + first.macs + second.macs,
        "epoch": recipe.base.schedule.epochs,
        "temperature": own.labels,
        "reference_temperature": its.labels,
        "activation_temperature": own.activation,
        "reference_activation_temperature": its.activation,
        "seconds": seconds,
        **clock.numbers,
    }
    return record_of(experiment, parts, Temperatures(1.0, 1.0), numbers)


def temperatures(session: ReferenceSession, experiment: ReferenceExperiment) -> Temperatures:
    """The second head's temperatures, from the experiment's calibration splits; 1 where it has none."""
    every, encoded = list[HeadAnswers](), session.base.encoded(TEST_CORPUS, (CLEAN.name,))
    rules = Rules.make(experiment.recipe.base.thresholds)
    for split in experiment.calibration_splits:
        asker = ReferenceAsker(SecondHead(session.head(split), experiment.recipe.half_s), rules)
        every.append(asker.answers(encoded, AT_HOME, _tested(session, split, TEST_CORPUS)).answers)
    return fit_temperatures(every, experiment.recipe.base.labels) if every else Temperatures(1.0, 1.0)


def corpora_of(experiment: ReferenceExperiment) -> tuple[str, ...]:
    """Corpora whose clips test."""
    return experiment.others if experiment.protocol == "whole" else (TEST_CORPUS, *experiment.others)


def histories(corpus: str) -> tuple[Rule, ...]:
    """Rules by which the clips of a corpus have references: of plain speech, all is neutral."""
    if corpus in (*PLAIN, READING):
        return ("neutral", "wrong person")
    return RULES if corpus == TEST_CORPUS else tuple(rule for rule in RULES if rule != "other microphone")


def _tested(session: ReferenceSession, experiment: ReferenceExperiment, corpus: str) -> Callable[[Utterance], bool]:
    """Which clips of a corpus test: of RAVDESS those of the split's speakers, of others all that can be told right."""
    if corpus == TEST_CORPUS:
        groups = session.base.tested(experiment.base)
        return lambda clip: clip.group in groups
    labels = experiment.recipe.base.labels
    return lambda clip: known_to(clip, labels)
