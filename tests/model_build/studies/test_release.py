"""`train --recipe`, as a user types it, on a corpus of noise bursts."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from model_build.__main__ import main
from model_build.clips import features
from model_build.experiments.recipe import RECIPES, SMALL
from serd.inference import model
from tests.support.actors import ACTORS


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache-train"))
    features.corpus_clips.cache_clear()


def test_a_recipe_becomes_a_model_file(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a network that is soon compiled: the study's tests have the default models'."""
    quick = dataclasses.replace(SMALL, network="dnn", variant=(("width", 8),), schedule=SMALL.schedule.shortened)
    monkeypatch.setitem(RECIPES, "serd-small", quick)
    arguments = ["train", "--recipe", "serd-small", "--epochs", "1", "--data", str(data), "--out", str(tmp_path)]
    assert main(arguments) == 0
    loaded = model.load(str(tmp_path / "serd-small.tflite"))
    assert loaded.contract.name == "serd-small"
    assert len(loaded.contract.trained_on["ravdess-speech"]) == len(ACTORS), "nobody is left out"
    front_end = loaded.contract.front_end
    said = loaded.probabilities(np.zeros((1, front_end.rows, front_end.bands.count), np.float32))
    assert said.sum() == pytest.approx(1)
    told = json.loads((tmp_path / "serd-small.metrics.json").read_text())
    assert told["numbers"]["bytes"] == (tmp_path / "serd-small.tflite").stat().st_size < 500_000
    assert "epoch 1/1" in capsys.readouterr().err
    assert main(arguments) == 0
    assert "epoch 1/1" not in capsys.readouterr().err, "it is kept"
    assert main([*arguments, "--anew"]) == 0
    assert "epoch 1/1" in capsys.readouterr().err
