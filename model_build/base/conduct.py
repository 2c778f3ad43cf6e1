"""One experiment, from its recordings to its record: states, head, temperatures, and what it says of the test clips.

What it says comes from the kept states of the int8 encoder, over the windows that `serd.score` asks about: a model
file's network differs from it by its head's rounding alone. Where conditions are asked for, such a file is made, too:
some of the test clips go through the daemon's pipeline with it, and some through the same network in real numbers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.base.calibration import Temperatures, fitted
from model_build.base.experiment import Experiment
from model_build.base.head import Head
from model_build.base.material import CLEAN, Said
from model_build.base.session import Session
from model_build.base.states import HALL
from model_build.base.write import contract, network, write
from model_build.clips.speech import recordings
from model_build.clips.streams import BABY
from model_build.corpora import Utterance
from model_build.evaluation import condition, streaming
from model_build.evaluation.condition import CHANNELS, SNRS_DB, Condition
from model_build.evaluation.confidence import PublishedConfidence
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.scoring import listen
from model_build.evaluation.selection import stratified
from model_build.evaluation.trial import Trial
from model_build.experiments.experiment import SCORED, TEST_CORPUS
from model_build.experiments.record import Record
from model_build.experiments.splits import NOISE_FOLDS
from model_build.files import cache
from model_build.statistics.predictions import Answers, answers, known_to
from serd.inference.contract import Contract
from serd.inference.decision import Rules
from serd.inference.model import TFLiteScorer

Say = Callable[[str], None]
Check = Callable[[], None]

CONDITIONS = (*(Condition("noise", db).name for db in SNRS_DB), *(own.name for own in CHANNELS), HALL)
PIPED = (1,)
"""Luna's folds whose networks are heard in real numbers and in the pipeline, where every window is computed anew."""
INT8, FLOAT = "int8", "float"
"""Answers of the network as it is shipped and in real numbers, about the same windows."""
COMPARED = 96
"""Test clips that these are about, every emotion alike ..."""
FOLLOWED = 40
"""... and that go through the pipeline, which asks about three times as many windows."""


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
    heard = Piped({}, None)
    if experiment.conditions and experiment.fold in PIPED:
        file, described = written(session, experiment, found, cache.folder("models") / experiment.name)
        said[INT8], said[FLOAT] = _compared(session, experiment, head, described, said[SCORED])
        heard = _followed(file, data, said[SCORED].clips, say)
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
        published=heard.published,
        streamed=heard.streamed,
    )


def written(session: Session, experiment: Experiment, found: Temperatures, folder: Path) -> tuple[Path, Contract]:
    """A model file of the experiment's head in this folder, and its contract."""
    recipe = experiment.recipe
    heard = [clip for own in session.material.values() for clip in own.clips if session.trains(clip, experiment)]
    noises = recordings(session.data, "esc-10")
    heard += [clip for clip in noises if clip.fold in NOISE_FOLDS and clip.sound != BABY]
    notes = {"protocol": experiment.name, "seed": str(experiment.seed), "recipe": experiment.key}
    described = contract(recipe, heard, found.labels, found.activation, notes)
    file = folder / f"{recipe.name}.tflite"
    write(file, network(session.encoder, session.head(experiment), recipe), described)
    return file, described


@dataclass(frozen=True, eq=False)
class Piped:
    """What the daemon's pipeline says with a model file."""

    published: dict[str, PublishedConfidence]
    streamed: Trial | None


def _followed(file: Path, data: Path, clips: Sequence[Utterance], say: Say) -> Piped:
    """Some of the test clips, each alone and in conversations."""
    subject, place = ModelUnderTest.open(str(file), data), {clip: k for k, clip in enumerate(clips)}
    replies = listen(subject, [(condition.CLEAN, stratified(clips, FOLLOWED))], say)[condition.CLEAN]
    chosen = list(replies)
    found = PublishedConfidence.of(chosen, replies, subject.contract.labels)
    index = np.array([place[clip] for clip in chosen], np.intp)[found.clip]
    published = PublishedConfidence(index, found.right, found.confidence)
    return Piped({SCORED: published}, streaming.hear(subject, chosen, say))


def _compared(
    session: Session, experiment: Experiment, head: Head, described: Contract, said: Said
) -> tuple[Said, Said]:
    """What was said of some of the clips, and what the network in real numbers says of the same windows."""
    chosen = set(stratified(said.clips, COMPARED))
    kept = [k for k, (clip, own) in enumerate(zip(said.clips, said.logits, strict=True)) if clip in chosen and len(own)]
    clips, weights = tuple(said.clips[k] for k in kept), [said.weights[k] for k in kept]
    scorer = TFLiteScorer(network(session.encoder, head, experiment.recipe, integers=False), described)
    real = [scorer.logits(session.windows(clip)) for clip in clips]
    return Said(clips, [said.logits[k] for k in kept], weights), Said(clips, real, weights)


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
