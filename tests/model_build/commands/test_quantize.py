"""`quantize --recipe`, as a user types it, on a corpus of noise bursts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from model_build.__main__ import main
from model_build.clips import features
from model_build.experiments.recipe import RECIPES, SMALL
from serd.inference import model


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    features.corpus_clips.cache_clear()


def test_what_was_trained_becomes_the_same_model_again(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick = dataclasses.replace(SMALL, network="dnn", variant=(("width", 8),), schedule=SMALL.schedule.shortened)
    monkeypatch.setitem(RECIPES, "serd-small", quick)
    arguments = ["--recipe", "serd-small", "--data", str(data), "--out"]
    assert main(["quantize", *arguments, str(tmp_path / "before")]) == 2
    assert "serd-small, seed 0: not trained on the recordings in" in capsys.readouterr().err
    assert main(["train", *arguments, str(tmp_path / "first")]) == 0
    capsys.readouterr()
    assert main(["quantize", *arguments, str(tmp_path / "again")]) == 0
    said = capsys.readouterr()
    assert "epoch" not in said.err, "nothing is trained"
    assert "serd-small.tflite: " in said.out
    assert " bytes; int8 answers as float does for " in said.out
    first, again = (model.load(str(tmp_path / name / "serd-small.tflite")) for name in ("first", "again"))
    front_end = first.contract.front_end
    windows = np.random.default_rng(0).random((8, front_end.rows, front_end.bands.count), np.float32)
    np.testing.assert_array_equal(first.scorer.logits(windows), again.scorer.logits(windows))
    assert dataclasses.replace(again.contract, sha256=first.contract.sha256) == first.contract, (
        "names of tensors differ"
    )
