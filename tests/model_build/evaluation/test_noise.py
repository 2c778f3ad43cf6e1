"""Rows on noise, rooms and telephones."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.noise import rows
from model_build.evaluation.row import Row


@pytest.fixture(scope="module")
def subject(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelUnderTest]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield ModelUnderTest.open("thesis-cnn", corpora)


@pytest.fixture(scope="module")
def found(subject: ModelUnderTest) -> list[Row]:
    return list(rows(subject, print, quick=True))


def test_all_conditions_are_there_at_home_and_abroad_with_their_targets(found: list[Row]) -> None:
    lost = {(row.name, row.heard): row.most for row in found if row.name.startswith("UAR lost")}
    wanted = {"noise 20 dB": 2, "noise 10 dB": 5, "noise 5 dB": 9, "room": 5, "telephone": 6}
    assert lost == {
        (f"UAR lost, {name}, {classes} classes", heard): most
        for name, most in wanted.items()
        for classes, heard in ((8, "seen"), (4, "unseen"))
    }
    missed = {(row.name, row.heard): row.most for row in found if row.name.startswith("speech missed")}
    assert missed == {
        (f"speech missed, {name}", heard): most
        for name, most in (("clean", 0.03), ("noise 10 dB", 0.08))
        for heard in ("unseen", "seen")
    }


def test_what_is_lost_abroad_is_the_mean_over_the_corpora(found: list[Row]) -> None:
    (row,) = [row for row in found if row.name == "UAR lost, telephone, 4 classes"]
    own = [row.detail[corpus] for corpus in ("emo-db", "urdu", "ased", "nemo")]
    assert row.value == pytest.approx(sum(own) / 4)
    assert all(0 <= row.detail[f"UAR left, {corpus}"] <= 100 for corpus in ("emo-db", "urdu"))


def test_the_protocol_names_the_fold_and_what_was_heard(found: list[Row]) -> None:
    (row,) = [row for row in found if row.name == "UAR lost, noise 5 dB, 8 classes"]
    assert "fold 5 without baby cries at 5 dB" in row.protocol
    assert row.low is not None
    assert row.high is not None
    assert row.low <= row.value <= row.high
    assert all(math.isfinite(row.value) for row in found)


def test_without_a_fold_to_take_noise_from_it_says_so(subject: ModelUnderTest) -> None:
    greedy = replace(subject, contract=replace(subject.contract, trained_on={"esc-10": ("5",)}))
    lines: list[str] = []
    found = list(rows(greedy, lines.append, quick=True))
    assert "every fold of ESC-10" in lines[0]
    assert not any("noise" in row.name for row in found)
    assert any(row.name.startswith("UAR lost, room") for row in found)
