"""Experiments' heads, and what they share: the encoder, the kept states of every corpus, the heads trained so far."""

from __future__ import annotations

import zipfile
from dataclasses import fields
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from model_build.clips import speech
from model_build.clips.speech_windows import speech_windows
from model_build.corpora import Utterance
from model_build.evaluation.condition import CLEAN
from model_build.experiments.experiment import TEST_CORPUS
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.splits import outer_speakers, tested_speakers
from model_build.files import cache
from model_build.files.progress import Check, Say, never
from model_build.networks.encoder import FRONT_END, Encoder, encoder_file
from model_build.networks.head import Head
from model_build.training import encoder_states
from model_build.training.encoded_clips import EncodedClips, may_train, utterances
from model_build.training.encoder_states import ShardWriter, complete, shards
from model_build.training.head_fit import train
from model_build.training.head_inputs import HeadInputs
from serd.inference.decision import Rules
from serd.inference.frontend import Rows
from serd.inference.model import SPEECH, load

FULL = (TEST_CORPUS, "emo-db")
"""Corpora whose clean windows train, too."""


class HeadSession:
    """Experiments with heads of one recipe on the corpora in one folder."""

    def __init__(self, data: Path, experiment: HeadExperiment, say: Say, check: Check = never) -> None:
        """Raises UsageError if the encoder is not there."""
        self.data, self.recipe, self._limit = data, experiment.recipe, experiment.limit
        self._say, self._check = say, check
        self.encoder, self._encoded = _shared(data, experiment.limit)
        self._place = encoder_states.folder(self.encoder)

    @cached_property
    def training_clips(self) -> dict[str, EncodedClips]:
        """What heads learn from, by corpus. Raises UsageError if one is not there."""
        counts, by_corpus = dict(self.recipe.counts), dict[str, EncodedClips]()
        for corpus, _ in self.recipe.shares:
            kinds = tuple(f"view {k}" for k in range(counts[corpus]))
            by_corpus[corpus] = self.encoded(corpus, (CLEAN.name, *kinds) if corpus in FULL else kinds)
        return by_corpus

    def encoded(self, corpus: str, kinds: tuple[str, ...]) -> EncodedClips:
        """The corpus' clips heard in these ways; states that were not computed yet are now."""
        if (corpus, kinds) not in self._encoded:
            clips = self.clips(corpus)
            every = [shard for kind in kinds for shard in shards(kind, clips)]
            complete(self._place, every, lambda: _writer(self.data), self._say, self._check)
            self._encoded[corpus, kinds] = EncodedClips.read(clips, kinds, self._place)
        return self._encoded[corpus, kinds]

    def clips(self, corpus: str) -> tuple[Utterance, ...]:
        """All of a corpus, or some from everywhere in it. Raises UsageError."""
        every = utterances(corpus, self.data)
        return every if self._limit is None else every[:: max(1, len(every) // self._limit)][: self._limit]

    def tested(self, experiment: HeadExperiment) -> set[str]:
        """The groups of speakers who test; no other corpus has them."""
        return tested_speakers(experiment, self.clips(TEST_CORPUS) if experiment.inner else ())

    def trains(self, clip: Utterance, experiment: HeadExperiment) -> bool:
        """Whether a clip shapes the head: its licence lets it, and it is of nobody who tests."""
        return may_train(clip) and clip.group not in self.away(experiment)

    def learned(self, experiment: HeadExperiment) -> list[Utterance]:
        """The clips that shape the head. Raises UsageError if a corpus is not there."""
        every = [clip for corpus, _ in self.recipe.shares for clip in self.clips(corpus)]
        return [clip for clip in every if self.trains(clip, experiment)]

    def away(self, experiment: HeadExperiment) -> set[str]:
        """The groups of speakers who train nothing."""
        return self.tested(experiment) | outer_speakers(experiment)

    def is_trained(self, experiment: HeadExperiment) -> bool:
        """Whether the experiment's head is kept."""
        return self._file(experiment).is_file()

    def forget(self, experiment: HeadExperiment) -> None:
        """Remove the experiment's head and those of its calibration splits."""
        for trained in (experiment, *experiment.calibration_splits):
            self._file(trained).unlink(missing_ok=True)

    def windows(self, clip: Utterance) -> Rows:
        """The windows whose states are kept of a clean clip: the network's input (n, rows, bands)."""
        detector = load(SPEECH, "speech")
        rules = Rules.make(detector.contract.thresholds)
        return speech_windows(speech.load(clip), detector, FRONT_END, rules, encoder_states.WINDOWS).inputs

    def _file(self, experiment: HeadExperiment) -> Path:
        """The file of a head: another copy of the recordings has another one."""
        names = [clip.name for corpus, _ in self.recipe.shares for clip in self.clips(corpus)]
        recordings = cache.key(self.encoder.digest, encoder_states.FORM, names)
        return cache.folder("heads") / f"{experiment.training_key}-{recordings}.npz"

    def head(self, experiment: HeadExperiment) -> Head:
        """The experiment's head, trained now or kept from an earlier time."""
        kept = self._file(experiment)
        try:
            with np.load(kept) as arrays:
                return Head(self.recipe.layers, **{name: arrays[name] for name in arrays.files})
        except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile):
            pass  # not there, or damaged
        away = self.away(experiment)
        inputs = HeadInputs.make(self.recipe, self.training_clips, lambda clip: clip.group not in away)
        head = train(inputs, self.recipe.layers, self.recipe.schedule, experiment.seed, self._check)
        with cache.replacing(kept) as written:
            arrays = {field.name: getattr(head, field.name) for field in fields(head) if field.name != "layers"}
            np.savez(written, **arrays)
        return head


@lru_cache(maxsize=1)
def _shared(data: Path, _limit: int | None) -> tuple[Encoder, dict[tuple[str, tuple[str, ...]], EncodedClips]]:
    """What the sessions of one study read once."""
    return Encoder.read(encoder_file(data)), {}


@lru_cache(maxsize=1)
def _writer(data: Path) -> ShardWriter:
    """The writer of the encoder's shards, which takes some seconds to be made."""
    return ShardWriter(Encoder.read(encoder_file(data)), data)
