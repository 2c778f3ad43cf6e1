"""What is known of each clip, what a teacher adds, and who is drawn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from model_build.corpora import Utterance
from model_build.corpora.ravdess import LABELS
from model_build.features import Clip
from model_build.small.examples import Examples

SHARES = {"ravdess-speech": 0.5, "ravdess-song": 0.2, "nemo": 0.3}
SIX = ("neutral", "happy", "sad", "angry", "fearful", "surprised")


def clip(corpus: str, emotion: str, number: int) -> Clip:
    said = Utterance(Path("x"), f"{emotion}-{number}", corpus, str(number % 4), emotion=emotion)
    return Clip(said, f"{corpus}{emotion}{number}", np.zeros((10, 4), np.float32), np.ones(10, bool))


def examples(**taught: np.ndarray) -> Examples:
    speech = [clip("ravdess-speech", label, k) for label in LABELS for k in range(4)]
    polish = [clip("nemo", label, k) for label in SIX for k in range(9)]
    return Examples.make([*speech, *polish, clip("nemo", "bored", 0)], taught)


def test_a_corpus_says_nothing_of_labels_it_does_not_have():
    made = examples()
    assert len(made.clips) == 32 + 54, "what is none of our labels is left out"
    assert made.known[:32].all()
    assert [LABELS[k] for k in np.flatnonzero(made.known[-1])] == [label for label in LABELS if label in SIX]
    assert made.known[np.arange(len(made.truth)), made.truth].all()


def test_a_corpus_with_one_label_is_told_from_all_others():
    made = Examples.make([clip("ravdess-speech", "calm", 0), *(clip("librispeech", "neutral", k) for k in range(3))])
    assert made.known.all()


def test_targets_are_probabilities_over_the_known_labels():
    made = examples()
    everything = np.arange(len(made.clips))
    targets = made.targets(everything, smoothing=0.1, trust=0.7)
    assert targets.sum(axis=1) == pytest.approx(np.ones(len(everything)), abs=1e-5)
    assert (targets.argmax(axis=1) == made.truth).all()
    assert (targets[~made.known] == 0).all()


def test_a_teacher_has_its_share_of_the_target_of_the_clips_it_heard():
    said = np.full(8, 0.125, np.float32)
    made = examples(**{"ravdess-speechangry0": said})
    which = next(k for k, own in enumerate(made.clips) if own.digest == "ravdess-speechangry0")
    heard, other = made.targets(np.array([which, which + 1]), smoothing=0, trust=0.6)
    assert heard == pytest.approx(0.4 * np.eye(8)[LABELS.index("angry")] + 0.6 * said)
    assert other.max() == 1


def test_an_epoch_draws_corpora_by_share_and_labels_alike():
    made = examples()
    order = made.epoch(np.random.default_rng(0), 1600, SHARES)
    assert len(order) == 1600
    corpora = Counter(made.clips[k].utterance.corpus for k in order)
    wanted = SHARES["ravdess-speech"] / (SHARES["ravdess-speech"] + SHARES["nemo"])
    assert corpora["ravdess-speech"] / 1600 == pytest.approx(wanted, abs=0.02)
    for corpus, labels in (("ravdess-speech", LABELS), ("nemo", SIX)):
        counts = Counter(LABELS[made.truth[k]] for k in order if made.clips[k].utterance.corpus == corpus)
        assert set(counts) == set(labels)
        assert max(counts.values()) - min(counts.values()) <= 0.05 * max(counts.values())


def test_every_clip_of_a_label_is_heard_before_one_is_heard_again():
    made = examples()
    order = made.epoch(np.random.default_rng(1), 64, {"ravdess-speech": 1.0})
    assert set(Counter(order.tolist()).values()) == {2}
