"""What is kept of a score."""

from __future__ import annotations

import numpy as np
import pytest

from model_build.evaluate.reply import Reply, reply, with_speech
from serd.block import Block
from serd.scoring.score import make_pipeline, score_blocks
from tests.support.speech import DEMO, read

MODEL = "thesis-cnn"


@pytest.fixture(scope="module")
def talk() -> np.ndarray:
    return read(DEMO)[: 8 * 16000]


@pytest.fixture(scope="module")
def said(talk: np.ndarray) -> Reply:
    return reply(talk, make_pipeline(MODEL))


def test_it_is_what_serd_scores(talk: np.ndarray, said: Reply) -> None:
    pipeline = make_pipeline(MODEL)
    score = score_blocks(iter([Block(talk, 0, False, 0.0)]), pipeline)
    labels = pipeline.emotion.contract.labels
    assert said.label is not None
    assert labels[said.label] == score.label
    assert score.probabilities is not None
    assert said.probabilities == tuple(score.probabilities.values())
    asked = [window for window in score.windows if window["raw"] is not None]
    assert len(asked) == sum(said.asked) == len(said.named) == len(said.confidence) > 0
    assert list(said.confidence) == [window["confidence"] for window in asked]
    assert all(labels[k] == window["label"] for k, window in zip(said.named, asked, strict=True) if window["label"])


def test_windows_end_where_they_end(said: Reply) -> None:
    assert set(np.diff(said.ends)) <= {3999, 4000, 4001}  # seconds are rounded to four places
    assert len(said.ends) == len(said.asked)


def test_silence_gets_no_label() -> None:
    found = reply(np.zeros(32000, np.float32), make_pipeline(MODEL))
    assert (found.label, found.probabilities, found.named) == (None, None, ())
    assert not any(found.asked)


def test_a_line_reads_back(said: Reply) -> None:
    assert Reply.parse(said.line()) == said
    assert "\n" not in said.line()
    for torn in (said.line()[:40], "", "[]", "{}"):
        with pytest.raises((ValueError, KeyError, TypeError)):
            Reply.parse(torn)


def test_a_window_with_speech_ends_with_it_and_holds_enough() -> None:
    mask = np.repeat([False, True, False], [16000, 32000, 32000])
    ends = np.arange(1, 21) * 4000
    full = with_speech(mask, ends, window_s=3.0, least_s=0.75)
    # 1.25 s of speech are there at 2.25 s; at 3.25 s the last half second still holds a quarter of one.
    np.testing.assert_array_equal(ends[full] / 16000, np.arange(2.25, 3.5, 0.25))


def test_a_stream_that_ends_after_the_clip_is_no_fault() -> None:
    full = with_speech(np.ones(32000, bool), np.array([4000, 32262, 60000]), window_s=3.0, least_s=0.5)
    np.testing.assert_array_equal(full, [False, True, False])
