"""The tables of docs/speech-detection.md, and the choice of the detector's thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from model_build.clips.speech import FOLDS, RATE, STRIDE, load, recordings
from model_build.clips.streams import GAINS_DB, made_streams, noise_streams
from model_build.corpora import Utterance
from model_build.detector.baselines import Detector, Network, cost
from model_build.detector.cascade import (
    FalseSpeech,
    RuleLimits,
    SpeechStream,
    choose_rules,
    missed_speech,
    speech_stream,
)
from model_build.detector.data import INNER_FOLD, INNER_SPEAKERS, TEST_FOLD, TEST_SPEAKERS
from serd.block import Block, Samples
from serd.inference.decision import Rules
from serd.inference.model import Model
from serd.inference.model import load as load_model
from serd.inference.pipeline import Pipeline

UNSEEN = ("ravdess-speech", "nemo", "librispeech")
"""Corpora that trained, by other speakers."""
STRANGE = ("emo-db", "urdu", "ased")
"""Corpora that did not train."""
SNRS = (None, 20.0, 10.0)
OTHERS_GAINS_DB = (0,)
"""The others cost a hundred times as much to measure."""


@dataclass(frozen=True)
class Sounds:
    """Where the recordings are, and how many of each corpus are used."""

    data: Path
    count: int

    def speech(self, corpus: str, speakers: Iterable[str] | None) -> list[Utterance]:
        """Up to `count` recordings drawn from a corpus, of the given speakers only."""
        clips = recordings(self.data, corpus)
        if speakers is not None:
            wanted = set(speakers)
            clips = tuple(u for u in clips if u.speaker in wanted)
        order = np.random.default_rng(7).permutation(len(clips))[: self.count]
        return [clips[k] for k in order]

    def fold(self, fold: int) -> list[Utterance]:
        """Recordings of one fold of ESC-10."""
        return [u for u in recordings(self.data, "esc-10") if u.fold == str(fold)]

    def noises(self, fold: int) -> list[Samples]:
        """The fold's noises for mixing with speech: no baby cries."""
        return [load(u) for u in self.fold(fold) if u.sound != "baby cry"]


def thresholds(sounds: Sounds, detector: Detector, gains_db: Sequence[float] = GAINS_DB) -> Rules:
    """The rules that suit a detector best, on speakers and a fold of noise that no test uses.

    For our network give the inner run's, which has not heard them either.
    """
    noises, speech = sounds.noises(INNER_FOLD), []
    for corpus in UNSEEN:
        chosen = sounds.speech(corpus, INNER_SPEAKERS[corpus.split("-", maxsplit=1)[0]])
        for snr in SNRS:
            stream = speech_stream(np.random.default_rng(1), chosen, snr, noises)
            speech.append((stream, detector.speech(stream.samples)))
    alone = noise_streams(np.random.default_rng(2), sounds.fold(INNER_FOLD), gains_db)
    silent = [detector.speech(samples) for _, samples in alone]
    return choose_rules(speech, silent, RuleLimits())


def stated_thresholds(rules: Rules) -> dict[str, float]:
    """The rules about speech, as a contract states them."""
    return {name: getattr(rules, name) for name in ("speech_on", "speech_off", "speech_hold_s", "speech_min_s")}


def measure_detector(
    sounds: Sounds, detector: Detector, rules: Rules, folds: dict[int, Model], made_s: float
) -> dict[str, Any]:
    """A candidate's tables, printed as they are done; the figures.

    `folds` are the networks of the cross-fit by the fold they have not heard, as many as there are; empty for
    the others' detectors, which have heard none, and are measured on less noise: they cost a hundred times as much.
    """
    print(f"\n{detector.name}: {', '.join(f'{name} {value:g}' for name, value in stated_thresholds(rules).items())}")
    figures: dict[str, Any] = {"rules": stated_thresholds(rules), "cost_ms_per_s": cost(detector)}
    print(f"CPU: {figures['cost_ms_per_s']:.2f} ms for a second of audio")
    print("Speech missed: % of windows (of strides); delay in s; gate open in % of pauses")
    print(f"{'':16}" + "".join(f"{_condition(snr):>28}" for snr in SNRS))
    figures["speech"] = {}
    for corpus, streams in _speech_streams(sounds):
        row = [missed_speech(stream, detector.speech(stream.samples), rules) for stream in streams]
        figures["speech"][corpus] = {_condition(snr): one for snr, one in zip(SNRS, row, strict=True)}
        cells = (
            f"{100 * one['windows']:.1f} ({100 * one['strides']:.1f})  {one['delay_s']:.2f}  {100 * one['pauses']:.1f}"
            for one in row
        )
        print(f"{corpus:16}" + "".join(f"{cell:>28}" for cell in cells), flush=True)
    print(f"ESC-10, folds {', '.join(map(str, folds or FOLDS))}, and steady sounds")
    print("False speech: gate open in % of strides; runs of 0.5 s; emotion network asked, times an hour")
    gains, seconds = (GAINS_DB, made_s) if folds else (OTHERS_GAINS_DB, made_s / 10)
    alarms: dict[str, FalseSpeech] = {}
    for fold in folds or FOLDS:
        held_out = Network(detector.name, folds[fold]) if folds else detector
        for name, samples in noise_streams(np.random.default_rng(fold), sounds.fold(fold), gains):
            p = held_out.speech(samples)
            for group in (name, f"{name}, fold {fold}") if fold == TEST_FOLD else (name,):
                alarms.setdefault(group, FalseSpeech()).add(p, rules)
    for name, samples in made_streams(np.random.default_rng(0), seconds):
        alarms.setdefault(name, FalseSpeech()).add(detector.speech(samples), rules)
    figures["noise"] = {name: counted.figures() for name, counted in alarms.items()}
    for name, one in figures["noise"].items():
        print(
            f"{name:24}{one['hours']:6.2f} h {100 * one['open']:7.2f} % "
            f"{one['runs_per_hour']:8.1f} {one['asked_per_hour']:8.1f}",
            flush=True,
        )
    return figures


def _speech_streams(sounds: Sounds) -> Iterator[tuple[str, list[SpeechStream]]]:
    noises = sounds.noises(TEST_FOLD)
    for corpus in (*UNSEEN, *STRANGE):
        speakers = TEST_SPEAKERS[corpus.split("-", maxsplit=1)[0]] if corpus in UNSEEN else None
        chosen = sounds.speech(corpus, speakers)
        yield corpus, [speech_stream(np.random.default_rng(1), chosen, snr, noises) for snr in SNRS]


def emotion_segments(sounds: Sounds, folds: dict[int, Model], rules: Rules, emotion: str) -> dict[str, Any]:
    """Emotion segments an hour, through serd's own pipeline with an emotion network."""
    print(f"\nEmotion segments an hour on ESC-10's held-out folds, whole pipeline with {emotion}")
    network, counts = load_model(emotion), dict[str, list[float]]()
    for fold, model in folds.items():
        for name, samples in noise_streams(np.random.default_rng(fold), sounds.fold(fold)):
            pipeline = Pipeline.assemble(network, model, STRIDE / RATE, stated_thresholds(rules))
            began = {
                segment.number for step in pipeline.push(Block(samples, 0, False, 0.0)) for segment in step.segments
            }
            of_kind = counts.setdefault(name, [0.0, 0.0])
            of_kind[0] += len(began)
            of_kind[1] += len(samples) / RATE / 3600
    for name, (count, hours) in counts.items():
        print(f"{name:24}{hours:6.2f} h {count / hours:8.1f}", flush=True)
    return {name: {"hours": hours, "segments_per_hour": count / hours} for name, (count, hours) in counts.items()}


def _condition(snr: float | None) -> str:
    return "clean" if snr is None else f"{snr:g} dB"
