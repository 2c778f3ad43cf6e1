"""Evaluation by clip and by window, with scorers whose answers are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.clips.features import Clip
from model_build.corpora import Utterance
from model_build.evaluation.offline import Windowed, calibrate, predictions, report, smoothed
from model_build.thesis.plan import THESIS
from serd.inference.decision import Decider, Rules
from serd.inference.frontend import Rows
from serd.inference.model import softmax
from serd.inference.scorer import Scorer

LABELS = ("calm", "angry", "sad")


def clip(name: str, emotion: str, strides: int) -> Clip:
    rows = np.random.default_rng(strides).uniform(-20, -2, (8 * strides, 64)).astype(np.float32)
    return Clip(Utterance(Path(name), name, "c", "s", emotion=emotion), name, rows, np.ones(8 * strides, np.bool_))


@pytest.fixture
def test_set() -> Windowed:
    return Windowed.make([clip("a", "calm", 5), clip("b", "angry", 3), clip("c", "sad", 3)], THESIS, LABELS)


@pytest.fixture
def logits(test_set: Windowed) -> Rows:
    """Clip a: two of four windows say angry, but hardly; b: right; c: wrong."""
    assert test_set.windows.clip.tolist() == [0, 0, 0, 0, 1, 1, 2, 2]
    rows = [[3, 0, 0], [0, 0.1, 0], [0, 0.1, 0], [1, 0, 0], [0, 5, 0], [0, 5, 0], [1, 0, 0], [1, 0, 0]]
    return np.array(rows, np.float32)


def test_clips_pool_log_probabilities_of_their_windows(test_set: Windowed, logits: Rows) -> None:
    found = report(test_set, logits, 1.0)
    assert found["clip"]["confusion"] == [[1, 0, 0], [0, 1, 0], [1, 0, 0]]
    assert found["clip"]["accuracy"] == pytest.approx(2 / 3)
    assert found["window"]["accuracy"] == pytest.approx(4 / 8)
    pooled = test_set.by_clip(softmax(logits), Rules())
    np.testing.assert_allclose(pooled[0], softmax(np.log(softmax(logits[:4])).mean(axis=0)), atol=1e-9)


def test_windows_with_more_speech_count_more_where_the_rules_say_so(test_set: Windowed, logits: Rows) -> None:
    rules = Rules(evidence=2)
    weights = test_set.windows.heard_s[:4] ** 2
    assert weights.max() > 1.5 * weights.min()
    logs = np.log(softmax(logits[:4]))
    expected = softmax((weights[:, None] * logs).sum(axis=0) / weights.sum())
    np.testing.assert_allclose(test_set.by_clip(softmax(logits), rules)[0], expected, atol=1e-9)


def test_predictions_are_thousandths_by_column(test_set: Windowed, logits: Rows) -> None:
    found = predictions(test_set, logits, 1.0)
    assert found["clip"] == ["a", "b", "c"]
    assert found["truth"] == [0, 1, 2]
    columns = np.array(found["probabilities"])
    assert columns.shape == (3, 3)
    assert np.abs(columns.sum(axis=0) - 1000).max() <= 2
    assert columns.argmax(axis=0).tolist() == [0, 1, 0]


@pytest.mark.parametrize("rules", [Rules(smoothing_s=0.6), Rules(smoothing_s=0.6, evidence=2), Rules(smoothing_s=0)])
def test_smoothing_is_the_decisions(test_set: Windowed, logits: Rows, rules: Rules) -> None:
    published = []
    for k in range(3):
        decider, own = Decider(rules, 0.25), test_set.windows.clip == k
        for row, heard_s in zip(softmax(logits[own]), test_set.windows.heard_s[own], strict=True):
            published.append(decider.step(row, heard_s).probabilities)
    np.testing.assert_allclose(softmax(smoothed(test_set, logits, THESIS, rules)), np.stack(published), atol=1e-6)


def test_calibration_undoes_overconfidence(test_set: Windowed) -> None:
    class Confident(Scorer):
        def logits(self, windows: Rows) -> Rows:
            answers = np.zeros((len(windows), 3), np.float32)
            answers[:, 0] = 20  # sure of "calm", and right half of the time
            return answers

    assert calibrate(test_set, Confident(), THESIS, Rules()) == pytest.approx(8, rel=0.01)


def test_an_emotion_without_a_label_is_refused() -> None:
    with pytest.raises(ValueError, match="'bored' is not among the labels"):
        Windowed.make([clip("a", "bored", 3)], THESIS, LABELS)
