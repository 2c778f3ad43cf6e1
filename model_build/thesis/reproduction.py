"""One run, from its recipe to its record: read, split, train, test."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import keras
import numpy as np

from model_build.clips.features import Clip, corpus_clips
from model_build.corpora import EMOTIONS, Fault
from model_build.corpora.corpus import warn
from model_build.experiments.record import Record
from model_build.experiments.splits import Split
from model_build.files.progress import Check, Say, never
from model_build.networks.architectures import NETWORKS, macs, parameters
from model_build.statistics.metrics import Probabilities, fit_temperature
from model_build.statistics.predictions import Answers, answers, known_to
from model_build.thesis import protocol
from model_build.thesis.experiment import ThesisExperiment
from model_build.thesis.fit import Data, logits, quantized_scorer, score_views, train
from model_build.thesis.inputs import Inputs, Standard
from serd.errors import UsageError
from serd.inference.frontend import Rows
from serd.inference.model import softmax

REPRESENTATIVES = 300
"""Training windows that set the ranges of the int8 activations."""


def run_experiment(run: ThesisExperiment, data: Path, say: Say, check: Check = never) -> Record:
    """Do one run on the corpora in `data`; `check` is called now and then and may raise.

    Raises UsageError if the corpora are not there or not enough.
    """
    began, processor = time.monotonic(), time.process_time()
    clips, faults = _heard(run.corpus, data, run, say)
    split = protocol.split(run, [clip.utterance for clip in clips])
    _check(run, clips, split)
    labels = labels_of(clips)
    examples = Inputs.make(clips, run.front_end, run.amplitude)
    standard = Standard.of(examples.windows(split.train))
    truth = np.array([labels.index(str(clip.utterance.emotion)) for clip in clips], np.intp)
    if run.permuted:
        known = np.concatenate([split.train, split.validation])
        truth[known] = protocol.shuffled(run, truth[known])

    keras.backend.clear_session()
    keras.utils.set_random_seed(run.seed)
    front_end = run.front_end
    model = NETWORKS[run.network](front_end.rows, front_end.bands.count, len(labels), **dict(run.variant))
    trained = train(model, Data(examples, standard, truth, split), run.schedule, run.seed, check)
    views = run.schedule.views
    held = score_views(partial(logits, model), examples, standard, split.validation, views)
    temperature = fit_temperature(truth[split.validation], held)

    tests = {run.corpus: [clips[k] for k in split.test]} if len(split.test) else {}
    for name in run.others:
        other, _ = _heard(name, data, run, say)
        tests[name] = [clip for clip in other if known_to(clip.utterance, labels)]
    answers_of: dict[str, Answers] = {}
    for name, tested in tests.items():
        shown, every = Inputs.make(tested, front_end, run.amplitude), np.arange(len(tested))
        whole = score_views(partial(logits, model), shown, standard, every, views)
        answers_of[name] = _answers(tested, softmax(whole / temperature))
        if run.int8 and name == run.corpus:
            fitted = standard.apply(examples.windows(split.train))
            quantized = quantized_scorer(model, _sample(fitted, run.seed))
            integer = score_views(quantized, shown, standard, every, views)
            answers_of["int8"] = _answers(tested, softmax(integer / temperature))
    numbers = {
        "parameters": parameters(model),
        "macs": macs(model),
        "train": len(split.train),
        "validation": len(split.validation),
        "epoch": trained.best + 1,
        "temperature": round(temperature, 4),
        "faults": len(faults),
        "wall_s": round(time.monotonic() - began, 1),
        "cpu_s": round(time.process_time() - processor, 1),
    }
    return Record(run.document(), run.name, run.key, labels, numbers, trained.history, answers_of)


def labels_of(clips: Sequence[Clip]) -> tuple[str, ...]:
    """The emotions that occur, in the order of the vocabulary."""
    there = {clip.utterance.emotion for clip in clips}
    return tuple(emotion for emotion in EMOTIONS if emotion in there)


def _sample(windows: Rows, seed: int) -> Rows:
    chosen = np.random.default_rng([seed, 2]).permutation(len(windows))[:REPRESENTATIVES]
    return windows[chosen]


def _answers(clips: Sequence[Clip], probabilities: Probabilities) -> Answers:
    return answers([clip.utterance for clip in clips], probabilities)


def _check(run: ThesisExperiment, clips: Sequence[Clip], split: Split) -> None:
    for name, part in (("train", split.train), ("choose the epoch", split.validation)):
        if not len(part):
            raise UsageError(f"{run.corpus}: no recordings left to {name}; the copy is too small for {run.name}")
    if run.protocol != "whole" and not len(split.test):
        raise UsageError(f"{run.corpus}: no recordings left to test; the copy is too small for {run.name}")
    missing = set(labels_of(clips)) - set(labels_of([clips[k] for k in split.train]))
    if missing:
        raise UsageError(f"{run.corpus}: nothing to train {', '.join(sorted(missing))} on; the copy is too small")


def _heard(name: str, data: Path, run: ThesisExperiment, say: Say) -> tuple[list[Clip], list[Fault]]:
    """A corpus; its faults are named when it is first read."""
    before = corpus_clips.cache_info().misses
    clips, faults = corpus_clips(name, data, run.front_end, run.limit)
    if corpus_clips.cache_info().misses > before:
        warn(faults, say)
    return clips, faults
