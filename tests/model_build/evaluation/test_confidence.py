"""Published confidences, taken from replies and kept in columns."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from model_build.corpora import Utterance
from model_build.evaluation.clip_result import ClipResult
from model_build.evaluation.confidence import PublishedConfidence

LABELS = ("happy", "sad")
CLIPS = [
    Utterance(Path(name), name, "emo-db", "01", emotion=emotion)
    for name, emotion in (("a", "happy"), ("b", "sad"), ("c", "sad"))
]
REPLIES = {
    CLIPS[0]: ClipResult((0.8, 0.2), (4000, 8000, 12000), (False, True, True), (0, 1), (0.75, 0.6)),
    CLIPS[1]: ClipResult(None, (4000,), (False,), (), ()),
    CLIPS[2]: ClipResult((0.1, 0.9), (4000,), (True,), (1,), (0.9004,)),
}


def test_each_asked_window_is_held_against_its_own_clip() -> None:
    own = PublishedConfidence.of(CLIPS, REPLIES, LABELS)
    assert own.clip.tolist() == [0, 0, 2]
    assert own.right.tolist() == [True, False, True]
    assert own.confidence.tolist() == [0.75, 0.6, 0.9004]


def test_nothing_asked_is_no_window() -> None:
    own = PublishedConfidence.of(CLIPS[1:2], REPLIES, LABELS)
    assert len(own.clip) == len(own.right) == len(own.confidence) == 0


def test_columns_hold_thousandths_and_are_read_back() -> None:
    columns = PublishedConfidence.of(CLIPS, REPLIES, LABELS).columns()
    assert columns == {"clip": [0, 0, 2], "right": [1, 0, 1], "confidence": [750, 600, 900]}
    again = PublishedConfidence.parse(json.loads(json.dumps(columns)), 3)
    assert again.columns() == columns
    np.testing.assert_allclose(again.confidence, [0.75, 0.6, 0.9])
    assert again.right.dtype == bool


def test_columns_that_do_not_fit_are_refused() -> None:
    columns = PublishedConfidence.of(CLIPS, REPLIES, LABELS).columns()
    with pytest.raises(ValueError, match="other clips than the 2"):
        PublishedConfidence.parse(columns, 2)
    with pytest.raises(ValueError, match="3 windows and 2 in column right"):
        PublishedConfidence.parse({**columns, "right": [1, 0]}, 3)
