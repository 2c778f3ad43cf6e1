"""Whom a model has heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from model_build.evaluation.model_under_test import ModelUnderTest, trained
from serd.errors import ConfigError

DATA = Path("corpora")


def test_thesis_cnn_has_heard_all_actors_and_nobody_else() -> None:
    subject = ModelUnderTest.open("thesis-cnn", DATA)
    assert subject.heard("ravdess-speech", ["01", "24"]) == "seen"
    assert subject.heard("emo-db", ["03"]) == "unseen"
    assert subject.heard("ravdess-speech", []) == "none"


def test_speech_and_song_share_their_actors() -> None:
    subject = ModelUnderTest.open("thesis-cnn", DATA)
    assert "ravdess-song" not in subject.contract.trained_on
    assert subject.heard("ravdess-song", ["01"]) == "seen"
    assert len(trained(subject.contract, "ravdess-song")) == 24


def test_some_seen_and_some_not_is_mixed() -> None:
    subject = ModelUnderTest.open("thesis-cnn", DATA)
    fewer = replace(subject, contract=replace(subject.contract, trained_on={"ravdess-speech": ("01",)}))
    assert fewer.heard("ravdess-speech", ["01", "02"]) == "mixed"
    assert fewer.heard("ravdess-speech", ["02"]) == "unseen"


def test_the_detector_has_heard_others() -> None:
    subject = ModelUnderTest.open("thesis-cnn", DATA)
    assert subject.heard_by_detector("ravdess-speech", ["02", "05"]) == "unseen"
    assert subject.heard_by_detector("ravdess-speech", ["01"]) == "seen"


def test_noise_comes_from_folds_that_neither_network_knows() -> None:
    subject = ModelUnderTest.open("thesis-cnn", DATA)
    assert subject.unheard_folds() == ("5",)
    greedy = replace(subject, contract=replace(subject.contract, trained_on={"esc-10": ("5",)}))
    assert greedy.unheard_folds() == ()


def test_a_detector_is_not_evaluated() -> None:
    with pytest.raises(ConfigError, match="evaluate takes one for 'emotion'"):
        ModelUnderTest.open("speech", DATA)
