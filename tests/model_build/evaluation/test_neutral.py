"""Emotions announced in read speech. A letter is a frame; see published.py."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from model_build.evaluation import neutral
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.neutral import at_coverage, strayed, strayed_row
from model_build.evaluation.replay import Frame
from tests.support.published import frame, published


def frames(letters: str) -> tuple[Frame, ...]:
    return published(letters).frames


def test_neutral_calm_and_undecided_have_not_strayed() -> None:
    found = strayed(neutral.published({"a": frames("..??HHnncc"), "b": frames("hs..")}))
    assert (found.frames, found.decided, found.strayed) == (10, 6, 2)
    assert found.coverage == 0.6
    assert found.share == 0.2


def test_silence_says_nothing() -> None:
    found = strayed(neutral.published({"a": frames("....")}))
    assert found.coverage == 0
    assert math.isnan(found.share)


def test_the_most_confident_frames_make_up_the_coverage() -> None:
    heard = {"a": [frame(1, "?"), frame(2, "h", 0.4), frame(3, "S", 0.6), frame(4, "."), frame(5, "n", 0.9)]}
    assert at_coverage(heard, 0.5) == {"a": [None, None, "sad", "neutral"]}
    assert at_coverage(heard, 0.25) == {"a": [None, None, None, "neutral"]}
    assert at_coverage(heard, 0) == {"a": [None] * 4}


def test_what_was_not_asked_cannot_be_covered() -> None:
    assert at_coverage({"a": frames("???h")}, 1.0) == {"a": [None, None, None, "happy"]}


def test_a_row_holds_what_was_announced_against_the_target() -> None:
    heard = {"a": frames("nnhNNNNN")}  # decides three of eight
    row = strayed_row(heard, "unseen", 0.2)
    assert row.value == row.detail["happy"] == pytest.approx(1 / 8)
    assert row.detail["decided"] == pytest.approx(3 / 8)
    assert (row.most, row.met) == (0.2, True)
    assert strayed_row(heard, "unseen", 0.1).met is False
    assert strayed_row(heard, "unseen", None).met is None


def test_speakers_are_those_that_neither_network_has_heard(corpora: Path) -> None:
    said: list[str] = []
    (row,) = neutral.rows(ModelUnderTest.open("thesis-cnn", corpora), said.append, quick=True)
    assert row.heard == "unseen"
    assert "3 speakers" in row.protocol
    assert row.low is not None
    assert row.high is not None
    assert 0 <= row.low <= row.value <= row.high <= 1
    assert row.count > 50
    assert said


def test_the_target_goes_by_the_models_name(corpora: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", corpora)
    small = replace(subject, contract=replace(subject.contract, name="serd-small"))  # the same network by another name
    (row,), (same,) = (list(neutral.rows(one, lambda _: None, quick=True)) for one in (subject, small))
    assert (row.most, same.most) == (None, 0.181)
    assert "half of what thesis-cnn 1.0 strayed" in same.protocol
    assert (same.value, same.detail) == (row.value, row.detail)
