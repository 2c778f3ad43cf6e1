"""One experiment, from its recordings to its record: train, quantize, and ask `serd.score` about every test clip."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model_build import cache
from model_build.corpora import Utterance
from model_build.detector_data import recordings
from model_build.evaluate.condition import APART, CHANNELS, CLEAN, GAINS, noisy
from model_build.evaluate.panel import Replies, listen
from model_build.evaluate.subject import Subject
from model_build.evaluation import KerasScorer, Trial
from model_build.features import Clip
from model_build.networks import macs, parameters
from model_build.small.dataset import Dataset
from model_build.small.experiment import HOME, SCORED, Experiment
from model_build.small.training import Check, Say, temperature, trained, write
from model_build.study.conduct import known_to
from model_build.study.record import Answers, Record, answers
from serd.model import Scorer, load, softmax


def carry_out(experiment: Experiment, data: Path, say: Say, check: Check = lambda: None) -> Record:
    """Do one experiment on the corpora in `data`; `check` is called now and then and may raise. Raises SerdError."""
    began, processor = time.monotonic(), time.process_time()
    dataset = Dataset.read(experiment, data)
    train, test = dataset.split(experiment)
    network = trained(experiment, dataset, data, say, check)
    divisor = 1.0 if experiment.inner else temperature(experiment, dataset, data, say, check)
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
    }
    if not experiment.inner:
        file = write(experiment, dataset, network.model, divisor, cache.folder("models") / experiment.name)
        numbers["bytes"] = file.stat().st_size
        if test:
            said["int8"] = _answers(test, load(str(file), "emotion").scorer, experiment, divisor)
        said |= scored(experiment, file, data, [clip.utterance for clip in test], say)
    numbers |= {
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(time.process_time() - processor, 1),
    }
    history = {"loss": [round(loss, 4) for loss in network.losses]}
    labels = experiment.recipe.labels
    return Record(experiment.document(), experiment.name, experiment.key, labels, numbers, history, said)


def scored(experiment: Experiment, file: Path, data: Path, home: Sequence[Utterance], say: Say) -> dict[str, Answers]:
    """What `serd.score` says with this model file, by condition and corpus."""
    subject, labels = Subject.open(str(file), data), experiment.recipe.labels
    abroad = {name: [u for u in recordings(data, name) if known_to(u, labels)] for name in experiment.others}
    abroad = {name: own[: experiment.limit] for name, own in abroad.items()}
    conditions = (*GAINS, *APART, *noisy(subject), *CHANNELS) if experiment.conditions else ()
    tasks = [(CLEAN, [*home, *(u for own in abroad.values() for u in own)]), *((each, home) for each in conditions)]
    replies = listen(subject, tasks, say)
    said = {name: _replied(own, replies[CLEAN], len(labels)) for name, own in abroad.items()}
    if home:
        said[SCORED] = _replied(home, replies[CLEAN], len(labels))
        said |= {f"{SCORED}, {each.name}": _replied(home, replies[each], len(labels)) for each in conditions}
    return said


def _answers(clips: Sequence[Clip], scorer: Scorer, experiment: Experiment, divisor: float) -> Answers:
    """Offline, on the windows that hold speech by the clip's energy: what compares networks, not detectors."""
    recipe = experiment.recipe
    trial = Trial.make(clips, recipe.front_end, recipe.labels)
    windows = softmax(scorer.logits(trial.windows.inputs) / np.float32(divisor))
    return answers([clip.utterance for clip in clips], trial.by_clip(windows))


def _replied(clips: Sequence[Utterance], replies: Replies, labels: int) -> Answers:
    """Clips that could be read; one without an answer has no probability on any label."""
    heard = [clip for clip in clips if clip in replies]
    return answers(heard, np.array([replies[clip].probabilities or (0.0,) * labels for clip in heard]))
