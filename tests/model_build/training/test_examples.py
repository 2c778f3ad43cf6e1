"""What is known of each clip, what is to be said of it, and who is drawn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from model_build.clips.features import Clip
from model_build.corpora import Utterance
from model_build.corpora.ravdess import LABELS
from model_build.training.examples import Examples

SHARES = {"ravdess-speech": 0.5, "ravdess-song": 0.2, "nemo": 0.3}
SIX = ("neutral", "happy", "sad", "angry", "fearful", "surprised")


def clip(corpus: str, emotion: str, number: int) -> Clip:
    said = Utterance(Path("x"), f"{emotion}-{number}", corpus, str(number % 4), emotion=emotion)
    return Clip(said, f"{corpus}{emotion}{number}", np.zeros((10, 4), np.float32), np.ones(10, bool))


@pytest.fixture(scope="module")
def made() -> Examples:
    speech = [clip("ravdess-speech", label, k) for label in LABELS for k in range(4)]
    polish = [clip("nemo", label, k) for label in SIX for k in range(9)]
    return Examples.make([*speech, *polish, clip("nemo", "bored", 0)])


def test_a_corpus_says_nothing_of_labels_it_does_not_have(made: Examples) -> None:
    assert len(made.clips) == 32 + 54, "what is none of our labels is left out"
    assert made.known[:32].all()
    assert [LABELS[k] for k in np.flatnonzero(made.known[-1])] == [label for label in LABELS if label in SIX]
    assert made.known[np.arange(len(made.truth)), made.truth].all()


def test_a_corpus_with_one_label_is_told_from_all_others() -> None:
    made = Examples.make([clip("ravdess-speech", "calm", 0), *(clip("librispeech", "neutral", k) for k in range(3))])
    assert made.known.all()


def test_targets_are_probabilities_over_the_known_labels(made: Examples) -> None:
    targets = made.targets(smoothing=0.1)
    assert targets.sum(axis=1) == pytest.approx(np.ones(len(made.clips)), abs=1e-5)
    assert (targets.argmax(axis=1) == made.truth).all()
    assert (targets[~made.known] == 0).all()
    each = targets[-1][made.known[-1]]
    assert sorted(each) == pytest.approx([0.1 / 6] * 5 + [0.9 + 0.1 / 6])
    np.testing.assert_array_equal(made.targets(smoothing=0), np.eye(8)[made.truth])


def test_an_epoch_draws_corpora_by_share_and_labels_alike(made: Examples) -> None:
    order = made.epoch(np.random.default_rng(0), np.arange(len(made.clips)), 1600, SHARES)
    assert len(order) == 1600
    corpora = Counter(made.clips[k].utterance.corpus for k in order)
    wanted = SHARES["ravdess-speech"] / (SHARES["ravdess-speech"] + SHARES["nemo"])
    assert corpora["ravdess-speech"] / 1600 == pytest.approx(wanted, abs=0.02)
    for corpus, labels in (("ravdess-speech", LABELS), ("nemo", SIX)):
        counts = Counter(LABELS[made.truth[k]] for k in order if made.clips[k].utterance.corpus == corpus)
        assert set(counts) == set(labels)
        assert max(counts.values()) - min(counts.values()) <= 0.05 * max(counts.values())


def test_every_clip_of_a_label_is_heard_before_one_is_heard_again(made: Examples) -> None:
    order = made.epoch(np.random.default_rng(1), np.arange(len(made.clips)), 64, {"ravdess-speech": 1.0})
    assert set(Counter(order.tolist()).values()) == {2}


def test_nobody_draws_clips_that_are_not_their_own(made: Examples) -> None:
    own = np.array([0, 1, 5, 30, 60, 70])
    order = made.epoch(np.random.default_rng(2), own, 200, SHARES)
    assert set(order.tolist()) == set(own.tolist())
    assert len(order) == 200
