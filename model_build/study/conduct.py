"""One run, from its recipe to its record: read, split, train, test."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from model_build.corpora import CORPORA, EMOTIONS, Fault, Utterance, inventory
from model_build.faults import warn
from model_build.features import Clip, read_clips
from model_build.metrics import Probabilities, fit_temperature
from model_build.networks import NETWORKS, macs, parameters
from model_build.splits import Split
from model_build.study import protocol
from model_build.study.examples import Examples, Standard
from model_build.study.fit import Data, logits, quantized_scorer, train, viewed
from model_build.study.record import Answers, Record, answers
from model_build.study.run import Run
from serd.errors import UsageError
from serd.inference.frontend import FrontEnd, Rows
from serd.inference.model import softmax

Say = Callable[[str], None]

REPRESENTATIVES = 300
"""Training windows that set the ranges of the int8 activations."""
MERGED = ("neutral", "calm")
"""Tested by networks that know either: the reports' four classes put them together."""


def carry_out(run: Run, data: Path, say: Say, check: Callable[[], None] = lambda: None) -> Record:
    """Do one run on the corpora in `data`; `check` is called now and then and may raise.

    Raises UsageError if the corpora are not there or not enough.
    """
    began, processor = time.monotonic(), time.process_time()
    clips, faults = _heard(run.corpus, data, run, say)
    split = protocol.split(run, [clip.utterance for clip in clips])
    _check(run, clips, split)
    labels = labels_of(clips)
    examples = Examples.make(clips, run.front_end, run.amplitude)
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
    held = viewed(partial(logits, model), examples, standard, split.validation, views)
    temperature = fit_temperature(truth[split.validation], held)

    tests = {run.corpus: [clips[k] for k in split.test]} if len(split.test) else {}
    for name in run.others:
        other, _ = _heard(name, data, run, say)
        tests[name] = [clip for clip in other if known_to(clip.utterance, labels)]
    said: dict[str, Answers] = {}
    for name, tested in tests.items():
        shown, every = Examples.make(tested, front_end, run.amplitude), np.arange(len(tested))
        whole = viewed(partial(logits, model), shown, standard, every, views)
        said[name] = _answers(tested, softmax(whole / temperature))
        if run.int8 and name == run.corpus:
            fitted = standard.apply(examples.windows(split.train))
            quantized = quantized_scorer(model, _sample(fitted, run.seed))
            said["int8"] = _answers(tested, softmax(viewed(quantized, shown, standard, every, views) / temperature))
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
    return Record(run.document(), run.name, run.key, labels, numbers, trained.history, said)


@lru_cache(maxsize=10)
def corpus(name: str, data: Path, front_end: FrontEnd, limit: int | None) -> tuple[list[Clip], list[Fault]]:
    """Clips that have an emotion, and every fault. With a limit, some of all emotions and speakers."""
    found = inventory(CORPORA[name], data)
    emotional = [utterance for utterance in found.utterances if utterance.emotion is not None]
    if limit is not None and len(emotional) > limit:
        emotional = _few(emotional, limit)
    clips, faults = read_clips(emotional, front_end)
    return clips, [*found.faults, *faults]


def labels_of(clips: Sequence[Clip]) -> tuple[str, ...]:
    """The emotions that occur, in the order of the vocabulary."""
    there = {clip.utterance.emotion for clip in clips}
    return tuple(emotion for emotion in EMOTIONS if emotion in there)


def known_to(utterance: Utterance, labels: Sequence[str]) -> bool:
    """Whether a network with these labels can be right about it, "calm" and "neutral" taken as one."""
    emotion = utterance.emotion
    return emotion in labels or (emotion in MERGED and any(label in labels for label in MERGED))


def _sample(windows: Rows, seed: int) -> Rows:
    chosen = np.random.default_rng([seed, 2]).permutation(len(windows))[:REPRESENTATIVES]
    return windows[chosen]


def _answers(clips: Sequence[Clip], probabilities: Probabilities) -> Answers:
    return answers([clip.utterance for clip in clips], probabilities)


def _few(utterances: Sequence[Utterance], limit: int) -> list[Utterance]:
    """Spread over the emotions and, within each, over the names."""
    emotions = sorted({str(utterance.emotion) for utterance in utterances})
    kept: list[Utterance] = []
    for emotion in emotions:
        own = [utterance for utterance in utterances if utterance.emotion == emotion]
        places: NDArray[np.intp] = np.linspace(0, len(own) - 1, min(len(own), limit // len(emotions))).astype(np.intp)
        kept += [own[k] for k in places]
    return sorted(kept, key=lambda utterance: utterance.name)


def _check(run: Run, clips: Sequence[Clip], split: Split) -> None:
    for name, part in (("train", split.train), ("choose the epoch", split.validation)):
        if not len(part):
            raise UsageError(f"{run.corpus}: no recordings left to {name}; the copy is too small for {run.name}")
    if run.protocol != "whole" and not len(split.test):
        raise UsageError(f"{run.corpus}: no recordings left to test; the copy is too small for {run.name}")
    missing = set(labels_of(clips)) - set(labels_of([clips[k] for k in split.train]))
    if missing:
        raise UsageError(f"{run.corpus}: nothing to train {', '.join(sorted(missing))} on; the copy is too small")


def _heard(name: str, data: Path, run: Run, say: Say) -> tuple[list[Clip], list[Fault]]:
    """A corpus; its faults are named when it is first read."""
    before = corpus.cache_info().misses
    clips, faults = corpus(name, data, run.front_end, run.limit)
    if corpus.cache_info().misses > before:
        warn(faults, say)
    return clips, faults


def summary(record: Record) -> str:
    """What a run came to, in a line."""
    parts = []
    for name, own in record.answers.items():
        truth = [record.labels.index(EMOTIONS[k]) if EMOTIONS[k] in record.labels else -1 for k in own.emotion]
        accuracy = float((own.probabilities.argmax(axis=1) == np.array(truth)).mean())
        parts.append(f"{name} {accuracy:.3f} of {len(truth)}")
    numbers = record.numbers
    size = f"{numbers['parameters'] / 1000:.0f} thousand parameters, {numbers['macs'] / 1e6:.1f} M MACs"
    return f"{record.name}: {', '.join(parts)} right; {size}, epoch {numbers['epoch']}, {numbers['wall_s']:.0f} s"
