"""The studies are those that were asked for."""

from __future__ import annotations

from collections import Counter

import pytest

from model_build.networks.architectures import NETWORKS, parameters
from model_build.thesis.studies import CORPORA, SIZES, STUDIES


def test_the_list_is_the_issues() -> None:
    names = "thesis speakers dropout stft size hybrids cross-corpus languages fairness permuted"
    assert list(STUDIES) == names.split()


def test_the_thesis_is_three_networks_and_five_seeds() -> None:
    runs = STUDIES["thesis"].runs
    assert Counter(run.network for run in runs) == {"cnn": 5, "dnn": 5, "lstm": 5}
    assert {run.seed for run in runs} == set(range(5))
    assert all(run.int8 == (run.network == "cnn") for run in runs)
    assert {run.protocol for run in runs} == {"random"}


def test_speakers_are_five_folds_and_two_seeds() -> None:
    places = Counter((run.network, run.fold, run.seed) for run in STUDIES["speakers"].runs)
    assert len(places) == 30
    assert {run.protocol for run in STUDIES["speakers"].runs} == {"luna"}


def test_studies_share_their_common_runs() -> None:
    thesis, speakers = set(STUDIES["thesis"].runs), set(STUDIES["speakers"].runs)
    assert len(thesis & set(STUDIES["dropout"].runs)) == 3
    for name in ("stft", "size", "hybrids", "fairness"):
        assert speakers & set(STUDIES[name].runs), name


def test_every_corpus_is_tested_by_every_other() -> None:
    pairs = {(run.corpus, other) for run in STUDIES["cross-corpus"].runs for other in run.others}
    assert pairs == {(one, other) for one in CORPORA for other in CORPORA if one != other}


@pytest.mark.parametrize("size", SIZES)
def test_cnn_and_dnn_are_matched_in_parameters(size: tuple[int, int]) -> None:
    cnn, dnn = (parameters(NETWORKS[name](96, 64, 8, width=size[k])) for k, name in enumerate(("cnn", "dnn")))
    assert abs(cnn / dnn - 1) < 0.06


def test_a_quick_look_is_one_short_run() -> None:
    for study in STUDIES.values():
        (run,) = study.quick
        assert run.schedule.epochs == 1
        assert run.limit is not None
