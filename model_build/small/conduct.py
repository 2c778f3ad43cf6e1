"""One experiment, from its recordings to its record: train, quantize, and ask `serd.score` about every test clip."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from model_build import cache
from model_build.corpora import Fault, Utterance
from model_build.detector_data import recordings
from model_build.evaluate import streaming
from model_build.evaluate.condition import APART, CHANNELS, CLEAN, GAINS, noisy
from model_build.evaluate.confidence import Published
from model_build.evaluate.panel import Replies, listen
from model_build.evaluate.subject import Subject
from model_build.evaluate.trial import Trial
from model_build.evaluation import KerasScorer
from model_build.evaluation import Trial as Windowed
from model_build.faults import warn
from model_build.features import Clip
from model_build.networks import macs, parameters
from model_build.small.dataset import Dataset
from model_build.small.experiment import HOME, SCORED, Experiment
from model_build.small.probe import Probe, probe
from model_build.small.recipe import Small
from model_build.small.training import Check, Say, temperature, together, trained, write
from model_build.study.conduct import corpus, known_to
from model_build.study.record import Answers, Record, answers
from serd.inference.decision import Rules
from serd.inference.model import Scorer, load, softmax

NAMED: set[Fault] = set()
"""Faults of recordings that this process has told of: a study reads them for every experiment."""


def prepare(experiments: Iterable[Experiment], data: Path, say: Say, check: Check = lambda: None) -> None:
    """Train the networks that these experiments take, as many as may be side by side: carrying one out finds them.

    Raises SerdError.
    """
    groups: dict[tuple[Small, int | None], dict[str, Experiment]] = {}
    for experiment in experiments:
        alike = groups.setdefault((experiment.recipe.shape, experiment.limit), {})
        for own in experiment.lessons:
            alike.setdefault(own.lesson, own)  # the twin is one for several seeds
    for alike in groups.values():
        lessons = list(alike.values())
        together(lessons, _dataset(lessons, data, say), say, check)


def carry_out(experiment: Experiment, data: Path, say: Say, check: Check = lambda: None) -> Record:
    """Do one experiment on the corpora in `data`; `check` is called now and then and may raise. Raises SerdError."""
    began, processor = time.monotonic(), time.process_time()
    dataset = _dataset([experiment], data, say)
    train, test = dataset.split(experiment)
    network = trained(experiment.lessons, dataset, say, check)[0]
    divisor = temperature(experiment, dataset, say, check) if experiment.calibrated else 1.0
    said: dict[str, Answers] = {}
    if test:
        said[HOME] = _answers(test, KerasScorer(network.model), experiment, divisor)
    numbers: dict[str, Any] = {
        "parameters": parameters(network.model),
        "macs": macs(network.model),
        "train": len(train),
        "epoch": experiment.recipe.schedule.epochs,
        "temperature": divisor,
        "faults": len(dataset.faults),
        "trained": {"device": network.course.device, "beside": network.course.beside, "wall_s": network.course.wall_s},
    }
    heard = Scored({}, {}, None)
    if not experiment.inner:
        file = write(experiment, dataset, network.model, divisor, cache.folder("models") / experiment.name)
        numbers["bytes"] = file.stat().st_size
        if test:
            said["int8"] = _answers(test, load(str(file), "emotion").scorer, experiment, divisor)
        heard = scored(experiment, file, data, [clip.utterance for clip in test], say)
        if experiment.protocol == "whole":
            found = probed(experiment, network.model, data)
            numbers |= {} if found is None else {"corpus_probe": found.document()}
    numbers |= {
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(time.process_time() - processor, 1),
    }
    history = {"loss": network.course.losses}
    return Record(
        run=experiment.document(),
        name=experiment.name,
        key=experiment.key,
        labels=experiment.recipe.labels,
        numbers=numbers,
        history=history,
        answers=said | heard.answers,
        published=heard.published,
        streamed=heard.streamed,
    )


@dataclass(frozen=True, eq=False)
class Scored:
    """What the daemon's pipeline says with a model file."""

    answers: dict[str, Answers]
    """`serd.score`'s, by condition and corpus."""
    published: dict[str, Published]
    """Confidences in the answers that are HOME's, clean."""
    streamed: Trial | None
    """HOME's clips in conversations, where the experiment listens to conditions."""


def scored(experiment: Experiment, file: Path, data: Path, home: Sequence[Utterance], say: Say) -> Scored:
    """Ask about the test clips one by one, under each condition, then follow them through conversations."""
    subject, labels = Subject.open(str(file), data), experiment.recipe.labels
    abroad = {name: [u for u in recordings(data, name) if known_to(u, labels)] for name in experiment.others}
    abroad = {name: own[: experiment.limit] for name, own in abroad.items()}
    conditions = (*GAINS, *APART, *noisy(subject), *CHANNELS) if experiment.conditions else ()
    tasks = [(CLEAN, [*home, *(u for own in abroad.values() for u in own)]), *((each, home) for each in conditions)]
    replies = listen(subject, tasks, say)
    said = {name: _replied(own, replies[CLEAN], len(labels)) for name, own in abroad.items()}
    if not home:
        return Scored(said, {}, None)
    clean = [clip for clip in home if clip in replies[CLEAN]]
    said[SCORED] = _replied(home, replies[CLEAN], len(labels))
    said |= {f"{SCORED}, {each.name}": _replied(home, replies[each], len(labels)) for each in conditions}
    published = {SCORED: Published.of(clean, replies[CLEAN], labels)}
    return Scored(said, published, streaming.hear(subject, clean, say) if experiment.conditions else None)


def probed(experiment: Experiment, model: keras.Model, data: Path) -> Probe | None:
    """How well the network's embeddings tell the corpora that train and those that test."""
    front_end, names = experiment.recipe.front_end, (*experiment.recipe.corpora, *experiment.others)
    return probe(model, {name: corpus(name, data, front_end, experiment.limit)[0] for name in names}, front_end)


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


def _replied(clips: Sequence[Utterance], replies: Replies, labels: int) -> Answers:
    """Clips that could be read; one without an answer has no probability on any label."""
    heard = [clip for clip in clips if clip in replies]
    return answers(heard, np.array([replies[clip].probabilities or (0.0,) * labels for clip in heard]))
