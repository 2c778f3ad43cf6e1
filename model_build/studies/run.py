"""One experiment, from its recordings to its record: train, quantize, and ask `serd.score` about every test clip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from model_build.clips.features import Clip, corpus_clips
from model_build.clips.speech import recordings
from model_build.corpora import Fault, Utterance
from model_build.corpora.corpus import warn
from model_build.evaluation import streaming
from model_build.evaluation.condition import APART, CHANNELS, CLEAN, GAINS, noisy
from model_build.evaluation.confidence import PublishedConfidence
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.offline import KerasScorer, Windowed
from model_build.evaluation.scoring import ClipResults, listen
from model_build.evaluation.trial import Trial
from model_build.experiments.dataset import Dataset
from model_build.experiments.experiment import SCORED, TEST_CORPUS, Experiment
from model_build.experiments.recipe import Recipe
from model_build.experiments.record import Record
from model_build.files import cache
from model_build.files.progress import Check, Say, never
from model_build.networks.architectures import macs, parameters
from model_build.statistics.predictions import Answers, answers, known_to
from model_build.studies.clock import Clock
from model_build.training.probe import Probe, probe
from model_build.training.session import temperature, train_together, trained_networks, write_model_file
from serd.inference.decision import Rules
from serd.inference.model import load, softmax
from serd.inference.scorer import Scorer

NAMED: set[Fault] = set()
"""Faults of recordings that this process has told of: a study reads them for every experiment."""


def train_networks(experiments: Iterable[Experiment], data: Path, say: Say, check: Check = never) -> None:
    """Train the networks that these experiments take, as many as may be side by side: carrying one out finds them.

    Raises SerdError.
    """
    groups: dict[tuple[Recipe, int | None], dict[str, Experiment]] = {}
    for experiment in experiments:
        alike = groups.setdefault((experiment.recipe.shape, experiment.limit), {})
        for training in experiment.trainings:
            alike.setdefault(training.training_key, training)  # the calibration split is one for several seeds
    for alike in groups.values():
        trainings = list(alike.values())
        train_together(trainings, _dataset(trainings, data, say), say, check)


def run_experiment(experiment: Experiment, data: Path, say: Say, check: Check = never) -> Record:
    """Do one experiment on the corpora in `data`; `check` is called now and then and may raise. Raises SerdError."""
    clock = Clock()
    dataset = _dataset([experiment], data, say)
    train, test = dataset.split(experiment)
    network = trained_networks(experiment.trainings, dataset, say, check)[0]
    divisor = temperature(experiment, dataset, say, check) if experiment.calibrated else 1.0
    answers_of: dict[str, Answers] = {}
    if test:
        answers_of[TEST_CORPUS] = _answers(test, KerasScorer(network.model), experiment, divisor)
    numbers: dict[str, Any] = {
        "parameters": parameters(network.model),
        "macs": macs(network.model),
        "train": len(train),
        "epoch": experiment.recipe.schedule.epochs,
        "temperature": divisor,
        "faults": len(dataset.faults),
        "trained": {"device": network.course.device, "beside": network.course.beside, "wall_s": network.course.wall_s},
    }
    heard = MeasuredFile({}, {}, None)
    if not experiment.inner:
        file = write_model_file(experiment, dataset, network.model, divisor, cache.folder("models") / experiment.name)
        numbers["bytes"] = file.stat().st_size
        if test:
            answers_of["int8"] = _answers(test, load(str(file), "emotion").scorer, experiment, divisor)
        heard = measure_file(experiment, file, data, [clip.utterance for clip in test], say)
        if experiment.protocol == "whole":
            corpus_probe = probe_network(experiment, network.model, data)
            numbers |= {} if corpus_probe is None else {"corpus_probe": corpus_probe.document()}
    numbers |= clock.numbers
    history = {"loss": network.course.losses}
    return Record(
        run=experiment.document(),
        name=experiment.name,
        key=experiment.key,
        labels=experiment.recipe.labels,
        numbers=numbers,
        history=history,
        answers=answers_of | heard.answers,
        published=heard.published,
        streamed=heard.streamed,
    )


@dataclass(frozen=True, eq=False)
class MeasuredFile:
    """What the daemon's pipeline says with a model file."""

    answers: dict[str, Answers]
    """`serd.score`'s, by condition and corpus."""
    published: dict[str, PublishedConfidence]
    """Confidences in the answers to TEST_CORPUS' clips, clean."""
    streamed: Trial | None
    """TEST_CORPUS' clips in conversations, where the experiment listens to conditions."""


def measure_file(
    experiment: Experiment, file: Path, data: Path, in_domain: Sequence[Utterance], say: Say
) -> MeasuredFile:
    """Ask about the test clips one by one, under each condition, then follow them through conversations."""
    subject, labels = ModelUnderTest.open(str(file), data), experiment.recipe.labels
    cross_corpus = {name: [u for u in recordings(data, name) if known_to(u, labels)] for name in experiment.others}
    cross_corpus = {name: clips[: experiment.limit] for name, clips in cross_corpus.items()}
    conditions = (*GAINS, *APART, *noisy(subject), *CHANNELS) if experiment.conditions else ()
    tasks = [
        (CLEAN, [*in_domain, *(u for clips in cross_corpus.values() for u in clips)]),
        *((each, in_domain) for each in conditions),
    ]
    replies = listen(subject, tasks, say)
    answers_of = {name: _replied(clips, replies[CLEAN], len(labels)) for name, clips in cross_corpus.items()}
    if not in_domain:
        return MeasuredFile(answers_of, {}, None)
    clean = [clip for clip in in_domain if clip in replies[CLEAN]]
    answers_of[SCORED] = _replied(in_domain, replies[CLEAN], len(labels))
    answers_of |= {f"{SCORED}, {each.name}": _replied(in_domain, replies[each], len(labels)) for each in conditions}
    published = {SCORED: PublishedConfidence.of(clean, replies[CLEAN], labels)}
    return MeasuredFile(answers_of, published, streaming.hear(subject, clean, say) if experiment.conditions else None)


def probe_network(experiment: Experiment, model: keras.Model, data: Path) -> Probe | None:
    """How well the network's embeddings tell the corpora that train and those that test."""
    front_end, names = experiment.recipe.front_end, (*experiment.recipe.corpora, *experiment.others)
    return probe(model, {name: corpus_clips(name, data, front_end, experiment.limit)[0] for name in names}, front_end)


def _dataset(experiments: Sequence[Experiment], data: Path, say: Say) -> Dataset:
    """What they hear; a fault is named when it is first met."""
    dataset = Dataset.read(experiments, data)
    warn([fault for fault in dataset.faults if fault not in NAMED], say)
    NAMED.update(dataset.faults)
    return dataset


def _answers(clips: Sequence[Clip], scorer: Scorer, experiment: Experiment, divisor: float) -> Answers:
    """Offline, on the windows that hold speech by the clip's energy: what compares networks, not detectors."""
    recipe = experiment.recipe
    trial = Windowed.make(clips, recipe.front_end, recipe.labels)
    windows = softmax(scorer.logits(trial.windows.inputs) / np.float32(divisor))
    return answers([clip.utterance for clip in clips], trial.by_clip(windows, Rules.make(recipe.thresholds)))


def _replied(clips: Sequence[Utterance], replies: ClipResults, labels: int) -> Answers:
    """Clips that could be read; one without an answer has no probability on any label."""
    heard = [clip for clip in clips if clip in replies]
    return answers(heard, np.array([replies[clip].probabilities or (0.0,) * labels for clip in heard]))
