"""Rows on clean clips, by the shipped model on a few real ones."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import serd as package
from model_build.clips.speech import load
from model_build.evaluation.clean import rows
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Row
from model_build.evaluation.selection import parts


@pytest.fixture(scope="module")
def found(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        return list(rows(ModelUnderTest.open("thesis-cnn", corpora), print, quick=True))


def one(found: list[Row], name: str) -> Row:
    (row,) = [row for row in found if row.name == name]
    return row


def test_the_uar_is_that_of_serd_score(found: list[Row], corpora: Path) -> None:
    home = parts(ModelUnderTest.open("thesis-cnn", corpora), quick=True, sample=False)[0]
    right: dict[str, list[bool]] = {}
    for clip in home.clips:
        answer = package.score(load(clip), 16000, model="thesis-cnn").label
        right.setdefault(str(clip.emotion), []).append(answer == clip.emotion)
    row = one(found, "UAR, 8 classes")
    assert row.value == pytest.approx(sum(sum(own) / len(own) for own in right.values()) / 8)
    assert row.detail["happy"] == sum(right["happy"]) / len(right["happy"])
    assert one(found, "accuracy, 8 classes").value == pytest.approx(sum(map(sum, right.values())) / len(home.clips))


def test_voices_it_learned_from_are_marked_and_prove_nothing(found: list[Row]) -> None:
    row = one(found, "UAR, 8 classes")
    assert (row.heard, row.least, row.met) == ("seen", None, None)
    assert {row.heard for row in found if "EMO-DB" in row.name} == {"unseen"}


def test_the_mean_over_corpora_is_the_mean_of_its_parts(found: list[Row]) -> None:
    row = one(found, "UAR, 4 classes")
    assert list(row.detail) == ["emo-db", "urdu", "ased", "nemo"]
    assert row.value == pytest.approx(sum(row.detail.values()) / 4)
    assert row.detail["urdu"] == one(found, "UAR, 4 classes, URDU").value
    assert row.least == 0.5
    assert row.count == 4 * 8


def test_every_measure_is_there_with_an_interval_that_holds_it(found: list[Row]) -> None:
    for start in ("UAR", "accuracy", "ECE, clips", "ECE, published", "abstention", "women minus men"):
        assert any(row.name.startswith(start) for row in found), start
    for row in found:
        assert row.low is not None
        assert row.high is not None
        assert row.low <= row.high
        assert math.isfinite(row.value)
        assert row.count > 0
