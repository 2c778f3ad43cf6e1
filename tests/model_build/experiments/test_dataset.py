"""What an experiment learns from and is tried on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from model_build.clips import features
from model_build.experiments.dataset import Dataset
from model_build.experiments.experiment import Experiment
from model_build.experiments.recipe import SMALL
from serd.errors import UsageError
from tests.support.actors import ACTORS, READERS, TESTED

CORPORA = ("ravdess-speech", "ravdess-song", "nemo")
RECIPE = dataclasses.replace(SMALL, corpora=CORPORA, read=("librispeech",))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    features.corpus_clips.cache_clear()


def test_clips_of_the_recipes_corpora_with_a_label_of_ours(data: Path) -> None:
    found = Dataset.read([Experiment(RECIPE)], data)
    assert {clip.utterance.corpus for clip in found.clips} == {*CORPORA, "librispeech"}
    assert len(found.clips) == len(ACTORS) * (8 + 6) + 4 + 1
    alone = Experiment(dataclasses.replace(RECIPE, corpora=("ravdess-speech",), read=()))
    assert len(Dataset.read([alone], data).clips) == len(ACTORS) * 8


def test_experiments_that_share_a_dataset_hear_their_own_corpora_alone(data: Path) -> None:
    all_of_them, few = Experiment(RECIPE), Experiment(dataclasses.replace(RECIPE, corpora=("ravdess-speech",), read=()))
    both = Dataset.read([few, all_of_them], data)
    assert len(both.clips) == len(Dataset.read([all_of_them], data).clips)
    for own in (few, all_of_them):
        alone = Dataset.read([own], data)
        for found, wanted in zip(both.split(own), alone.split(own), strict=True):
            assert {clip.digest for clip in found} == {clip.digest for clip in wanted}


def test_plain_reading_is_neutral_and_its_test_speakers_are_left_out(data: Path) -> None:
    experiment = Experiment(RECIPE)
    found = [
        clip.utterance for clip in Dataset.read([experiment], data).clips if clip.utterance.corpus == "librispeech"
    ]
    assert [(utterance.speaker, utterance.emotion) for utterance in found] == [(READERS[0], "neutral")]
    train, _ = Dataset.read([experiment], data).split(experiment)
    assert "librispeech" in {clip.utterance.corpus for clip in train}


def test_noises_are_of_the_folds_that_may_be_heard(data: Path) -> None:
    (noise,) = Dataset.read([Experiment(RECIPE)], data).noises
    assert noise.utterance.fold == "1", "the fifth fold tests"


def test_the_split_is_the_protocols(data: Path) -> None:
    experiment = Experiment(RECIPE, "luna", 1)
    train, test = Dataset.read([experiment], data).split(experiment)
    assert {clip.utterance.speaker for clip in test} == set(TESTED)
    assert not {clip.utterance.group for clip in train} & {clip.utterance.group for clip in test}


def test_a_label_that_nobody_left_speaks_is_named(data: Path) -> None:
    experiment = Experiment(dataclasses.replace(RECIPE, labels=(*RECIPE.labels, "bored")), "luna", 1)
    with pytest.raises(UsageError, match="nothing to train bored on"):
        Dataset.read([experiment], data).split(experiment)
