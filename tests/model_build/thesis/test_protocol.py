"""Who trains and who tests: never the same speaker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_build.corpora import CORPORA, Gender, Utterance, inventory
from model_build.corpora.ravdess import names
from model_build.experiments.splits import LUNA, hold_out, speaker_folds
from model_build.thesis.experiment import ThesisExperiment
from model_build.thesis.protocol import shuffled, split
from model_build.thesis.studies import STUDIES


def ravdess() -> list[Utterance]:
    """All of RAVDESS speech, without its sound."""
    found = []
    for name in sorted(names("01")):
        actor = name[-2:]
        gender: Gender = "male" if int(actor) % 2 else "female"
        found.append(Utterance(Path(name), name, "ravdess-speech", actor, gender, family="ravdess"))
    return found


EVERYONE = ravdess()


def speakers(chosen: np.ndarray) -> set[str]:
    return {EVERYONE[k].speaker for k in chosen}


FOLDS = [run for run in STUDIES["speakers"].runs if run.network == "cnn"]


@pytest.mark.parametrize("run", FOLDS, ids=lambda run: run.name)
def test_no_actor_is_on_two_sides_of_a_fold(run: ThesisExperiment) -> None:
    parts = split(run, EVERYONE)
    sides = [speakers(part) for part in (parts.train, parts.validation, parts.test)]
    assert len(set.union(*sides)) == sum(map(len, sides)) == 24
    assert sides[2] == set(LUNA[(run.fold or 0) - 1])
    assert 3 <= len(sides[1]) <= 4
    assert {int(actor) % 2 for actor in sides[1]} == {0, 1}, "both genders choose the epoch"
    assert sum(len(part) for part in (parts.train, parts.validation, parts.test)) == 1440


def test_the_five_folds_test_every_actor_once() -> None:
    assert sorted(actor for fold in LUNA for actor in fold) == [f"{actor:02}" for actor in range(1, 25)]


def test_the_seed_chooses_who_validates_and_not_who_tests() -> None:
    one, other = (split(ThesisExperiment("cnn", fold=1, seed=seed), EVERYONE) for seed in (0, 1))
    assert speakers(one.validation) != speakers(other.validation)
    np.testing.assert_array_equal(one.test, other.test)


def test_the_random_split_is_the_same_for_all_networks() -> None:
    one, other = (split(ThesisExperiment(network, "random", seed=2), EVERYONE) for network in ("cnn", "dnn"))
    np.testing.assert_array_equal(one.test, other.test)
    assert len(one.test) == 360


def test_speech_and_song_of_an_actor_stay_together() -> None:
    song = [Utterance(u.path, f"song{u.name}", "ravdess-song", u.speaker, u.gender, family="ravdess") for u in EVERYONE]
    both = [*EVERYONE, *song]
    parts = split(ThesisExperiment("cnn", fold=3), both)
    assert {both[k].speaker for k in parts.test} == set(LUNA[2])
    assert len(parts.test) == 2 * 60 * 5


def test_with_whole_corpora_nobody_of_the_corpus_tests() -> None:
    parts = split(ThesisExperiment("cnn", "whole", corpus="ravdess-speech"), EVERYONE)
    assert len(parts.test) == 0
    assert not speakers(parts.train) & speakers(parts.validation)


def test_shuffled_labels_are_as_many_of_each_and_in_another_order_for_each_training() -> None:
    """One order for all folds would be one draw of chance, which the pooled folds take for many."""
    truth = np.repeat(np.arange(8), 12)
    orders = [shuffled(ThesisExperiment("cnn", fold=fold, seed=seed), truth) for fold in (1, 2) for seed in (0, 1)]
    for k, order in enumerate(orders):
        assert sorted(order) == sorted(truth)
        assert (order == truth).mean() < 0.4
        assert all((order != other).any() for other in orders[:k])


CROWDS = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(["female", "male", None])), min_size=2, max_size=30)


@given(CROWDS, st.integers(0, 100))
def test_those_held_out_leave_somebody_to_train_on(crowd: list[tuple[int, str | None]], seed: int) -> None:
    utterances = [
        Utterance(Path("x"), f"{k}-{n}", "c", str(k), gender)  # type: ignore[arg-type]
        for k, (count, gender) in enumerate(crowd)
        for n in range(count)
    ]
    held = hold_out(utterances, 0.15, [seed])
    assert 1 <= len(held) < len(crowd)
    assert held == hold_out(utterances, 0.15, [seed])
    folds = speaker_folds(utterances)
    assert sorted(group for fold in folds for group in fold) == sorted({u.group for u in utterances})


@pytest.mark.parametrize("name", ["emo-db", "nemo", "ased", "urdu"])
def test_folds_of_other_corpora_are_about_equal(corpora: Path, name: str) -> None:
    utterances = inventory(CORPORA[name], corpora).utterances
    sizes = [sum(u.group in fold for u in utterances) / len(utterances) for fold in speaker_folds(utterances)]
    assert min(sizes) > 0.1
    assert max(sizes) < 0.3
