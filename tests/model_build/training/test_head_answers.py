"""model_build.training.head_answers: windows pooled as `serd.score` pools them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model_build.corpora import Utterance
from model_build.training.head_answers import HeadAnswers

CLIP = Utterance(Path("a.wav"), "a", "emo-db", "03", emotion="sad")


def test_windows_with_more_speech_count_for_more() -> None:
    logits = np.zeros((2, 9), np.float32)
    logits[0, 0], logits[1, 1], logits[1, 8] = 4, 4, 2
    answers = HeadAnswers((CLIP, CLIP), [logits, logits[:0]], [np.array([1.0, 3.0]), np.zeros(0)])
    probabilities = answers.probabilities(1.0)
    assert probabilities[0].argmax() == 1
    assert probabilities[1].sum() == 0
    np.testing.assert_allclose(answers.activation(1.0), [1 / (1 + np.exp(-1.5)), 0.5])
