"""`train --recipe`, as a user types it, on a corpus of noise bursts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from actors import ACTORS

from model_build.__main__ import main
from model_build.study import conduct
from serd import model


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache-train"))
    conduct.corpus.cache_clear()


def test_a_recipe_becomes_a_model_file(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "--recipe", "serd-tiny", "--epochs", "1", "--data", str(data), "--out", str(tmp_path)]
    assert main(arguments) == 0
    loaded = model.load(str(tmp_path / "serd-tiny.tflite"))
    assert loaded.contract.name == "serd-tiny"
    assert len(loaded.contract.trained_on["ravdess-speech"]) == len(ACTORS), "nobody is left out"
    front_end = loaded.contract.front_end
    said = loaded.probabilities(np.zeros((1, front_end.rows, front_end.bands.count), np.float32))
    assert said.sum() == pytest.approx(1)
    told = json.loads((tmp_path / "serd-tiny.metrics.json").read_text())
    assert told["numbers"]["bytes"] == (tmp_path / "serd-tiny.tflite").stat().st_size < 100_000
    assert "epoch 1/1" in capsys.readouterr().err
    assert main(arguments) == 0
    assert "epoch 1/1" not in capsys.readouterr().err, "it is kept"
    assert main([*arguments, "--anew"]) == 0
    assert "epoch 1/1" in capsys.readouterr().err
