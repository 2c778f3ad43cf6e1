"""What the default models' studies try."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

from model_build.experiments.recipe import SMALL
from model_build.experiments.splits import LUNA, parts
from model_build.networks.architectures import NETWORKS
from model_build.studies.serd import LEVERS, STUDIES
from tests.support.judgements import EVERYONE


def test_levers_leave_out_the_outer_fold_s_test_actors() -> None:
    for run in STUDIES["levers"].runs:
        outer = LUNA[(run.fold or 0) - 1]
        found = parts(run, EVERYONE)
        assert run.inner
        assert not {EVERYONE[k].speaker for k in (*found.train, *found.test)} & set(outer)
    assert len(STUDIES["levers"].runs) == 2 * len(LEVERS)
    assert len({run.name for run in STUDIES["levers"].runs}) == 2 * len(LEVERS)


@pytest.mark.parametrize("lever", LEVERS[1:], ids=lambda lever: lever.note)
def test_a_lever_is_one_change_to_the_recipe(lever) -> None:
    plain = dataclasses.replace(lever, note="")
    changed = [
        field.name for field in dataclasses.fields(lever) if getattr(plain, field.name) != getattr(SMALL, field.name)
    ]
    assert len({*changed} - {"corpora", "read"}) == 1, "which corpora there are is what shares need"
    assert all(name in {*lever.corpora, *lever.read} for name, _ in lever.schedule.shares)
    assert sum(share for _, share in SMALL.schedule.shares) == pytest.approx(1)
    assert lever.front_end.window >= SMALL.front_end.window, "as long a time"


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.note or "as it is")
def test_networks_take_the_levers_windows(lever) -> None:
    front_end = lever.front_end
    model = NETWORKS[lever.network](front_end.rows, front_end.bands.count, len(lever.labels), **dict(lever.variant))
    assert model.output_shape == (None, 8)
    assert lever.front_end.stft == SMALL.front_end.stft, "the pipeline computes one STFT"


def test_the_default_model_is_tried_on_every_protocol() -> None:
    places = Counter((run.protocol, run.recipe.note) for run in STUDIES["serd-small"].runs)
    assert places == {
        ("luna", ""): 5 * 3,
        ("emobox", ""): 6,
        ("random", ""): 5,
        ("whole", ""): 3,
        ("whole", "without-nemo"): 1,
    }
    names = [run.name for study in STUDIES.values() for run in study.runs]
    assert len(names) == len(set(names))


def test_what_tests_abroad_trains_nobody() -> None:
    """Nor a teacher."""
    for study in STUDIES.values():
        for run in study.runs:
            assert not set(run.others) & set(run.recipe.corpora)
            assert run.teacher is None or not set(run.others) & set(run.teacher.recipe.corpora)


def test_the_corpus_left_out_is_tried_by_both_default_models() -> None:
    for name in ("serd-small", "serd-tiny"):
        (run,) = (own for own in STUDIES[name].runs if own.recipe.note == "without-nemo")
        assert run.others == ("nemo",)
        assert "nemo" not in dict(run.recipe.schedule.shares)
