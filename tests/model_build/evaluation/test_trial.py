"""Trials in a record's columns, and pooled. A letter is a frame of a quarter of a second; see published.py."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from model_build.evaluation.alignment import align
from model_build.evaluation.trial import Trial, pooled
from tests.support.published import published, said

LINE = [said("happy", 1, 3, 4), said("sad", 5, 7, 8, speaker="02")]
TRIAL = Trial(
    ("happy", "sad"),
    tuple(align(LINE, published("....??hhsshh...." + "....????????...."))),
    ("happy", None),
    "unseen",
    "on paper",
)


def test_a_trial_survives_its_columns() -> None:
    columns = json.loads(json.dumps(TRIAL.columns()))
    assert Trial.parse(columns) == TRIAL
    assert columns["announced"] == [[0, 1, 0], []]
    assert columns["delay_s"] == [12000, None], "samples"
    assert columns["frames"]["uncertain"] == [2, 8]


@pytest.mark.parametrize("name", ["speaker", "delay_s", "until_s", "answer"])
def test_columns_of_unequal_length_are_refused(name: str) -> None:
    columns = TRIAL.columns()
    columns[name] = columns[name][:1]
    with pytest.raises(ValueError, match=f"2 clips and 1 in column {name}"):
        Trial.parse(columns)


def test_frames_of_too_few_clips_are_refused() -> None:
    columns = TRIAL.columns()
    columns["frames"]["emotion"].pop()
    with pytest.raises(ValueError, match="2 clips and 1 in column emotion"):
        Trial.parse(columns)


def test_pooled_are_the_clips_of_all() -> None:
    other = replace(TRIAL, followed=TRIAL.followed[:1], answers=("sad",), protocol="on another paper")
    both = pooled([TRIAL, other])
    assert both.followed == (*TRIAL.followed, TRIAL.followed[0])
    assert both.answers == ("happy", None, "sad")
    assert (both.heard, both.labels) == ("unseen", TRIAL.labels)
    assert both.protocol == "2 models, each on its own clips, the first: on paper"
    assert pooled([TRIAL]) == TRIAL


def test_voices_that_one_of_the_models_has_heard_are_not_called_unheard() -> None:
    assert pooled([TRIAL, replace(TRIAL, heard="seen")]).heard == "mixed"


def test_models_with_other_labels_are_not_pooled() -> None:
    with pytest.raises(ValueError, match="other labels"):
        pooled([TRIAL, replace(TRIAL, labels=("sad", "happy"))])
