"""What a student is to say: the truth and the teacher's word, by their shares."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from model_build.corpora.ravdess import LABELS
from model_build.experiments.student_recipe import StudentRecipe, student
from model_build.training.examples import Examples
from model_build.training.teacher_labels import soft_targets
from tests.support.sounding import sounding

HALF = student("", (("ravdess-speech", 0.9), ("picovoice-wakeword", 0.1)), taught=True)
LABELLED = [sounding(label, 0) for label in range(8)]


def plain():
    own = sounding(0, 99)
    said = dataclasses.replace(own.utterance, corpus="picovoice-wakeword", name="plain", emotion="neutral")
    return dataclasses.replace(own, utterance=said, digest="9" * 64)


EXAMPLES = Examples.make([*LABELLED, plain()])
EVEN = np.full(8, 1 / 8, np.float32)
ANGRY = np.eye(8, dtype=np.float32)[LABELS.index("angry")]


def test_truth_and_word_count_by_their_shares_and_a_clip_without_a_label_has_the_word_alone() -> None:
    word = {("ravdess-speech", "0-0"): ANGRY, ("picovoice-wakeword", "plain"): ANGRY}
    wanted, truth = soft_targets(EXAMPLES, word, HALF), EXAMPLES.targets(HALF.base.schedule.smoothing)
    assert wanted[0] == pytest.approx(0.5 * truth[0] + 0.5 * ANGRY)
    assert wanted[8] == pytest.approx(ANGRY)
    assert np.array_equal(wanted[1:8], truth[1:8]), "of whom the teacher says nothing the truth is told"
    more = dataclasses.replace(HALF, truth=0.8)
    assert soft_targets(EXAMPLES, word, more)[0] == pytest.approx(0.8 * truth[0] + 0.2 * ANGRY)


def test_the_word_is_of_the_labels_that_the_corpus_has() -> None:
    few = Examples.make(LABELLED[:3])
    wanted = soft_targets(few, {("ravdess-speech", "0-0"): EVEN}, StudentRecipe(HALF.base, HALF.teacher, truth=0.0))
    assert wanted[0] == pytest.approx(np.where(few.known[0], 1 / 3, 0))
    assert wanted.sum(axis=1) == pytest.approx(1.0)
