"""What an experiment learns from and is tried on: clips of its corpora, and sounds that are not speech."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from model_build.clips.features import Clip, corpus_clips, read_clips
from model_build.clips.streams import BABY
from model_build.corpora import CORPORA, Fault, Utterance, inventory
from model_build.detector.data import TEST_SPEAKERS
from model_build.experiments.experiment import Experiment
from model_build.experiments.splits import NOISE_FOLDS, parts
from serd.errors import UsageError

READING = "neutral"
"""What plain reading is taken for."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Everything in features, whoever trains."""

    clips: tuple[Clip, ...]
    noises: tuple[Clip, ...]
    faults: tuple[Fault, ...]

    @classmethod
    def read(cls, experiments: Sequence[Experiment], data: Path) -> Dataset:
        """What experiments with one front end and limit hear. Raises UsageError if a corpus is not there."""
        recipe, limit = experiments[0].recipe, experiments[0].limit
        clips, faults = list[Clip](), list[Fault]()
        for name in dict.fromkeys(name for experiment in experiments for name in experiment.recipe.corpora):
            of_corpus, wrong = corpus_clips(name, data, recipe.front_end, limit)
            clips += [clip for clip in of_corpus if clip.utterance.emotion in recipe.labels]
            faults += wrong
        for name in dict.fromkeys(name for experiment in experiments for name in experiment.recipe.read):
            of_corpus, wrong = read_clips(_plain(name, data)[:limit], recipe.front_end)
            clips += of_corpus
            faults += wrong
        sounds = [u for u in inventory(CORPORA["esc-10"], data).utterances if u.fold in NOISE_FOLDS and u.sound != BABY]
        noises, wrong = read_clips(sounds[:limit], recipe.front_end)
        return cls(tuple(clips), tuple(noises), (*faults, *wrong))

    def split(self, experiment: Experiment) -> tuple[list[Clip], list[Clip]]:
        """Who trains and who tests, in this experiment or on its calibration split.

        Raises UsageError if too few are left to train.
        """
        heard = {*experiment.recipe.corpora, *experiment.recipe.read}
        clips = [clip for clip in self.clips if clip.utterance.corpus in heard]
        chosen = parts(experiment, [clip.utterance for clip in clips])
        train, test = [clips[k] for k in chosen.train], [clips[k] for k in chosen.test]
        missing = set(experiment.recipe.labels) - {clip.utterance.emotion for clip in train}
        if missing:
            raise UsageError(
                f"{experiment.name}: nothing to train {', '.join(sorted(map(str, missing)))} on; the copy is too small"
            )
        return train, test


def _plain(name: str, data: Path) -> list[Utterance]:
    """Plain reading, as neutral, but for the speakers who test the speech detector: they test here, too."""
    kept = TEST_SPEAKERS.get(name, ())
    utterances = (utterance for utterance in inventory(CORPORA[name], data).utterances if utterance.speaker not in kept)
    return [dataclasses.replace(utterance, emotion=READING) for utterance in utterances]
