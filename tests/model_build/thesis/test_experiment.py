"""One run: its name and its key."""

from __future__ import annotations

import dataclasses
import json

from model_build.thesis.experiment import ThesisExperiment, ThesisSchedule
from model_build.thesis.studies import STUDIES

EVERY = list(dict.fromkeys(run for study in STUDIES.values() for run in study.runs))


def test_names_and_keys_tell_all_runs_of_the_study_apart() -> None:
    assert len({run.name for run in EVERY}) == len({run.key for run in EVERY}) == len(EVERY) > 130


def test_a_name_can_be_read() -> None:
    assert ThesisExperiment("cnn", "random", seed=3).name == "random_cnn_seed3"
    assert ThesisExperiment("dnn", fold=2, variant=(("width", 26),)).name == "luna2_dnn_width-26_seed0"
    assert ThesisExperiment("cnn", "folds", fold=5, corpus="emo-db").name == "fold5_emo-db_cnn_seed0"
    assert ThesisExperiment("cnn", "whole", corpus="urdu").name == "from_urdu_cnn_seed0"


def test_any_change_of_the_recipe_changes_the_key() -> None:
    run = ThesisExperiment("cnn", fold=1)
    front_end = dataclasses.replace(run.front_end, top_db=61)
    others = [
        dataclasses.replace(run, seed=1),
        dataclasses.replace(run, front_end=front_end),
        dataclasses.replace(run, schedule=ThesisSchedule(epochs=24)),
        dataclasses.replace(run, permuted=True),
        dataclasses.replace(run, limit=80),
    ]
    assert len({run.key, *(other.key for other in others)}) == 6


def test_a_recipe_survives_json() -> None:
    run = ThesisExperiment("dnn", fold=2, variant=(("width", 26),))
    assert json.loads(json.dumps(run.document())) == run.document()
    assert run.document()["front_end"]["stft"]["n_fft"] == 512
