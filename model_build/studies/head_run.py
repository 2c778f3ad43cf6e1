"""One experiment with a head, from its recordings to its record: states, head, temperatures, answers to test clips.

The answers come from the kept states of the int8 encoder, over the windows that `serd.score` asks about: a model file's
network differs from it by its head's rounding alone. Where conditions are asked for, such a file is made, too: some of
the test clips go through the daemon's pipeline with it, and some through the same network in real numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from model_build.clips.speech import recordings
from model_build.clips.streams import BABY
from model_build.corpora import Utterance
from model_build.evaluation import streaming
from model_build.evaluation.condition import CLEAN
from model_build.evaluation.confidence import PublishedConfidence
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.scoring import listen
from model_build.evaluation.selection import stratified
from model_build.experiments.experiment import SCORED, TEST_CORPUS
from model_build.experiments.head_experiment import CONDITIONS, HeadExperiment
from model_build.experiments.record import Record
from model_build.experiments.splits import NOISE_FOLDS
from model_build.files import cache
from model_build.files.progress import Check, Say, never
from model_build.networks.base_file import contract, network, write
from model_build.statistics.predictions import known_to
from model_build.studies.clock import Clock
from model_build.studies.head_record import PipelineAnswers, record_of
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_calibration import Temperatures, fit_temperatures
from model_build.training.head_session import HeadSession
from serd.inference.contract import Contract
from serd.inference.decision import Rules
from serd.inference.scorer import TFLiteScorer

INT8, FLOAT = "int8", "float"
"""Answers of the network as it is shipped and in real numbers, about the same windows."""
COMPARED = 96
"""Test clips that these are about, every emotion alike ..."""
FOLLOWED = 40
"""... and that go through the pipeline, which asks about three times as many windows."""


def run_experiment(experiment: HeadExperiment, data: Path, say: Say, check: Check = never) -> Record:
    """Do one experiment on the corpora in `data`; `check` is called now and then and may raise. Raises SerdError."""
    clock = Clock()
    recipe, session = experiment.recipe, HeadSession(data, experiment, say, check)
    head, divisors = session.head(experiment), temperatures(session, experiment)
    rules = Rules.make(recipe.thresholds)
    parts: dict[str, HeadAnswers] = {}
    if experiment.protocol != "whole":
        tested = partial(_among, session.tested(experiment))
        for kind in (CLEAN.name, *(CONDITIONS if experiment.conditions else ())):
            part = SCORED if kind == CLEAN.name else f"{SCORED}, {kind}"
            parts[part] = HeadAnswers.make(head, session.encoded(TEST_CORPUS, (kind,)), rules, tested)
    piped = PipelineAnswers()
    if experiment.conditions:
        file, described = written(session, experiment, divisors, cache.folder("models") / experiment.name)
        parts[INT8], parts[FLOAT] = _compared(session, experiment, described, parts[SCORED])
        piped = _followed(file, data, parts[SCORED].clips, say)
    for corpus in experiment.others:
        encoded = session.encoded(corpus, (CLEAN.name,))
        parts[corpus] = HeadAnswers.make(head, encoded, rules, lambda clip: known_to(clip, recipe.labels))
    numbers: dict[str, Any] = {
        "parameters": head.parameters + session.encoder.size(recipe.blocks),
        "macs": session.encoder.macs(recipe.blocks) + head.macs,
        "train": len(session.learned(experiment)),
        "epoch": recipe.schedule.epochs,
        "temperature": divisors.labels,
        "activation_temperature": divisors.activation,
        **clock.numbers,
    }
    return record_of(experiment, parts, divisors, numbers, piped)


def written(
    session: HeadSession, experiment: HeadExperiment, divisors: Temperatures, folder: Path
) -> tuple[Path, Contract]:
    """A model file of the experiment's head in this folder, and its contract."""
    recipe = experiment.recipe
    heard, notes = heard_by(session, experiment), notes_of(experiment)
    described = contract(recipe, heard, divisors.labels, divisors.activation, notes)
    file = folder / f"{recipe.name}.tflite"
    write(file, network(session.encoder, session.head(experiment), recipe), described)
    return file, described


def heard_by(session: HeadSession, experiment: HeadExperiment) -> list[Utterance]:
    """The recordings that shaped the experiment's head, noises included."""
    noises = recordings(session.data, "esc-10")
    return [
        *session.learned(experiment),
        *(clip for clip in noises if clip.fold in NOISE_FOLDS and clip.sound != BABY),
    ]


def notes_of(experiment: HeadExperiment) -> dict[str, str]:
    """What a contract says of how the head came about."""
    return {"protocol": experiment.name, "seed": str(experiment.seed), "recipe": experiment.key}


def _followed(file: Path, data: Path, clips: Sequence[Utterance], say: Say) -> PipelineAnswers:
    """Some of the test clips, each alone and in conversations."""
    subject, place = ModelUnderTest.open(str(file), data), {clip: k for k, clip in enumerate(clips)}
    replies = listen(subject, [(CLEAN, stratified(clips, FOLLOWED))], say)[CLEAN]
    chosen = list(replies)
    confidence = PublishedConfidence.of(chosen, replies, subject.contract.labels)
    index = np.array([place[clip] for clip in chosen], np.intp)[confidence.clip]
    published = PublishedConfidence(index, confidence.right, confidence.confidence)
    return PipelineAnswers({SCORED: published}, streaming.hear(subject, chosen, say))


def _compared(
    session: HeadSession, experiment: HeadExperiment, described: Contract, quantized: HeadAnswers
) -> tuple[HeadAnswers, HeadAnswers]:
    """Answers about some of the clips, and those of the network in real numbers about the same windows."""
    chosen = set(stratified(quantized.clips, COMPARED))
    kept = [k for k, clip in enumerate(quantized.clips) if clip in chosen and len(quantized.logits[k])]
    clips, weights = tuple(quantized.clips[k] for k in kept), [quantized.weights[k] for k in kept]
    made = network(session.encoder, session.head(experiment), experiment.recipe, integers=False)
    scorer = TFLiteScorer(made, described)
    real = [scorer.logits(session.windows(clip)) for clip in clips]
    return HeadAnswers(clips, [quantized.logits[k] for k in kept], weights), HeadAnswers(clips, real, weights)


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
