"""model_build.studies.head_run and head_record, and head_session: on few clips, from recordings to a record."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.head_recipe import BASE
from model_build.experiments.record import read
from model_build.experiments.record import write as write_record
from model_build.networks.encoder import encoder_file
from model_build.studies.head_run import run_experiment
from model_build.training.head_session import HeadSession
from serd.errors import UsageError


def test_a_folder_without_the_encoder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"whisper-tiny\.en/encoder\.npz: .*fetch whisper-tiny\.en"):
        HeadSession(tmp_path, HeadExperiment(BASE), lambda _: None)
    assert encoder_file(tmp_path) == tmp_path / "whisper-tiny.en" / "encoder.npz"


@pytest.mark.long
@pytest.mark.usefixtures("published")
def test_from_few_recordings_to_a_record_and_a_file(
    corpora: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    experiment = HeadExperiment(BASE, "whole", others=("urdu",)).shortened
    record = run_experiment(experiment, corpora, lambda _: None)
    again = read(write_record(tmp_path, record))
    assert again.key == experiment.key
    assert set(again.answers) == {"urdu"}
    assert len(again.numbers["activation"]["urdu"]) == len(again.answers["urdu"].clip) > 6
    assert 0.2 <= again.numbers["temperature"] <= 5
