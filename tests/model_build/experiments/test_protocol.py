"""Who teaches and who tests: no voice is on both sides, whatever it says or sings."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from model_build.corpora import Utterance
from model_build.corpora.ravdess import LABELS
from model_build.experiments.experiment import Experiment
from model_build.experiments.recipe import SMALL
from model_build.experiments.splits import EMOBOX, LUNA, actors, parts

ACTORS = [f"{number:02}" for number in range(1, 25)]


def said(corpus: str, speaker: str, take: int, family: str = "") -> Utterance:
    gender = "male" if speaker.isdigit() and int(speaker) % 2 else "female"
    name = f"{speaker}-{take}"
    return Utterance(Path(name), name, corpus, speaker, gender, emotion=LABELS[take % 6], family=family)


EVERY = [
    *(said("ravdess-speech", actor, take, "ravdess") for actor in ACTORS for take in range(10)),
    *(said("ravdess-song", actor, take, "ravdess") for actor in ACTORS for take in range(6)),
    *(said("nemo", speaker, take) for speaker in ("AA0", "BB0") for take in range(20)),
]


def groups(indices: object) -> set[str]:
    return {EVERY[k].group for k in indices}  # type: ignore[attr-defined]


@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize(("protocol", "fold"), [(name, k) for name in ("luna", "emobox") for k in range(1, 6)])
def test_no_voice_is_on_both_sides(protocol: str, fold: int, inner: bool):
    experiment = Experiment(SMALL, protocol, fold, inner=inner)  # type: ignore[arg-type]
    found = parts(experiment, EVERY)
    assert not groups(found.train) & groups(found.test)
    assert {EVERY[k].corpus for k in found.test} == {"ravdess-speech"}
    assert {EVERY[k].corpus for k in found.train} == {"ravdess-speech", "ravdess-song", "nemo"}
    outer = {f"ravdess/{actor}" for actor in actors(experiment)}
    assert not groups(found.train) & outer
    assert groups(found.test) & outer == (set() if inner else outer)


def test_an_inner_split_takes_about_a_quarter_of_those_who_would_train():
    found = parts(Experiment(SMALL, "luna", 1, inner=True), EVERY)
    assert 4 <= len(groups(found.test)) <= 6
    assert len({EVERY[k].gender for k in found.test}) == 2


def test_the_folds_of_each_publication_test_every_actor_once():
    for folds in (LUNA, EMOBOX):
        assert sorted(actor for fold in folds for actor in fold) == ACTORS


def test_the_random_split_is_that_of_the_thesis_and_its_inner_one_leaves_the_test_alone():
    outer = parts(Experiment(SMALL, "random", seed=3), EVERY)
    inner = parts(Experiment(SMALL, "random", seed=3, inner=True), EVERY)
    assert len(outer.test) == 60
    assert len(outer.train) == len(EVERY) - 60
    assert not set(inner.test) & set(outer.test)
    assert not set(inner.train) & (set(inner.test) | set(outer.test))


def test_where_nobody_tests_all_train_but_for_the_inner_split():
    whole = Experiment(SMALL, "whole")
    assert len(parts(whole, EVERY).train) == len(EVERY)
    assert not len(parts(whole, EVERY).test)
    inner = parts(dataclasses.replace(whole, inner=True), EVERY)
    assert len(inner.test)
    assert not groups(inner.train) & groups(inner.test)
