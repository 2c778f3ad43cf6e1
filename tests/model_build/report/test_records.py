"""Finding the records of a study."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from model_build.experiments.record import write
from model_build.report.records import Records, repetitions, runs, tallies
from model_build.statistics.bootstrap import uar
from model_build.thesis.studies import STUDIES
from tests.support.judgements import keep, made, said, who_tests


def test_a_study_says_how_much_of_it_is_done(tmp_path: Path) -> None:
    keep(tmp_path, STUDIES["permuted"].runs[:2], 0.125)
    book = Records.open(tmp_path)
    assert book.progress("permuted") == (2, 20)
    assert book.progress("thesis") == (0, 15)


def test_a_record_of_another_recipe_is_named_and_not_used(tmp_path: Path) -> None:
    run = dataclasses.replace(STUDIES["permuted"].runs[0], limit=80)
    keep(tmp_path, [run], 0.5)
    book = Records.open(tmp_path)
    assert book.progress("permuted") == (0, 20)
    assert book.foreign == (run.name,)


def test_folds_are_pooled_within_a_seed_and_only_where_all_sides_have_them(tmp_path: Path) -> None:
    keep(tmp_path, [run for run in runs("speakers", network="cnn") if run.fold != 5], 0.5)
    keep(tmp_path, runs("speakers", network="dnn", seed=1), 0.75)
    book = Records.open(tmp_path)
    sides = [repetitions(book, runs("speakers", network=network)) for network in ("cnn", "dnn")]
    both = tallies(*sides)
    assert both is not None
    assert [own.confusion.shape[0] for own in both] == [1, 1], "seed 1 alone is on both sides"
    assert both[0].groups == both[1].groups
    assert len(both[0].groups) == 20, "fold 5 was not run for the CNN"
    assert both[0].total.sum() == both[1].total.sum() == 20 * 60
    alone = tallies(sides[1])
    assert alone is not None
    assert alone[0].estimate(uar).value == pytest.approx(0.75)
    assert len(alone[0].groups) == 24
    assert tallies(sides[0], {}) is None


def test_int8_stands_beside_the_corpus(tmp_path: Path) -> None:
    (run,) = runs("thesis", network="cnn", seed=0)
    parts = {"ravdess-speech": said(who_tests(run), lambda _: 1.0), "int8": said(who_tests(run), lambda _: 0.0)}
    write(tmp_path, made(run, parts))
    book = Records.open(tmp_path)
    assert repetitions(book, [run])[0][None].right.all()
    assert not repetitions(book, [run], "int8")[0][None].right.any()
