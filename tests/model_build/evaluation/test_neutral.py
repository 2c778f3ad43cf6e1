"""Emotions announced in read speech. A letter is a frame; see published.py."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from model_build.evaluation import neutral
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.neutral import at_coverage, judged, strayed
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
    assert at_coverage(heard, 0.5) == ({"a": [None, None, "sad", "neutral"]}, 0.6)
    assert at_coverage(heard, 0.25) == ({"a": [None, None, None, "neutral"]}, 0.9)
    assert at_coverage(heard, 0) == ({"a": [None] * 4}, math.inf)


def test_what_was_not_asked_cannot_be_covered() -> None:
    labels, _ = at_coverage({"a": frames("???h")}, 1.0)
    assert labels == {"a": [None, None, None, "happy"]}


def test_the_target_is_half_of_the_references_at_equal_coverage() -> None:
    own = {"a": frames("nnhNNNNN")}  # decides three of eight
    reference = {"a": [replace(one, confidence=0.9 - k / 100) for k, one in enumerate(frames("ssnnnnnn"))]}
    row = judged(own, reference, "unseen")
    assert row.value == pytest.approx(1 / 8)
    assert row.most == pytest.approx(2 / 8 / 2)
    assert row.met
    assert row.detail["thesis-cnn, decided"] == row.detail["decided"] == pytest.approx(3 / 8)
    assert row.detail["thesis-cnn as published, decided"] == 1
    assert row.detail["happy"] == pytest.approx(1 / 8)


def test_the_reference_itself_has_no_target() -> None:
    row = judged({"a": frames("nnhh")}, None, "unseen")
    assert row.most is None
    assert row.value == 0.5


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


def test_another_model_is_held_against_the_reference(corpora: Path) -> None:
    subject = ModelUnderTest.open("thesis-cnn", corpora)
    other = replace(subject, contract=replace(subject.contract, name="twin"))  # the same network by another name
    (row,) = neutral.rows(other, lambda _: None, quick=True)
    assert row.detail["thesis-cnn, strayed"] == row.detail["strayed, by confidence alone"]
    assert row.detail["thesis-cnn as published, strayed"] == row.value
    assert row.detail["thesis-cnn, decided"] == pytest.approx(row.detail["decided"], abs=0.01)
    assert row.most == row.detail["thesis-cnn, strayed"] / 2
