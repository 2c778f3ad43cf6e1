"""`python -m model_build train`, end to end, on two actors of the real corpus; and the shipped file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import serd
from model_build.__main__ import main
from model_build.clips.features import read_clips
from model_build.corpora import CORPORA, inventory
from model_build.evaluation.offline import Windowed, predictions, report
from model_build.experiments.splits import random_split
from serd.inference import model
from serd.inference.contract import read_model

SHIPPED = Path(serd.__file__).parent / "models" / "thesis-cnn.tflite"


@pytest.fixture(scope="module")
def trained(corpora: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A model of one epoch on two actors, and its metrics."""
    out = tmp_path_factory.mktemp("out")
    arguments = ["--network", "cnn", "--corpus", "ravdess", "--actors", "1", "2", "--epochs", "1", "--seed", "4"]
    assert main(["train", *arguments, "--data", str(corpora), "--out", str(out)]) == 0
    return out / "thesis-cnn.tflite", json.loads((out / "thesis-cnn.metrics.json").read_text())


def test_the_model_file_loads_and_says_what_it_heard(trained: tuple[Path, dict[str, Any]]) -> None:
    path, metrics = trained
    loaded = model.load(str(path))
    assert loaded.contract.trained_on == {"ravdess-speech": ("01", "02")}
    assert loaded.contract.labels == ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
    assert loaded.contract.licence == "CC-BY-NC-SA-4.0"
    assert loaded.contract.temperature == metrics["temperature"] > 0
    assert metrics["sha256"] == loaded.contract.sha256
    assert metrics["bytes"] == path.stat().st_size
    assert loaded.probabilities(np.zeros((2, 96, 64), np.float32)).sum(axis=1) == pytest.approx([1, 1])


def test_the_metrics_follow_from_the_predictions_beside_them(trained: tuple[Path, dict[str, Any]]) -> None:
    _, metrics = trained
    assert metrics["counts"] == {"train": 76, "validation": 14, "test": 30}
    for kind in ("float", "int8"):
        columns = metrics["predictions"][kind]
        probabilities, truth = np.array(columns["probabilities"]), np.array(columns["truth"])
        true = probabilities[truth, np.arange(30)]
        # Rounded to thousandths, so two labels may be level.
        alone = (probabilities >= true).sum(axis=0) == 1
        assert alone.mean() <= metrics[kind]["clip"]["accuracy"] <= (true == probabilities.max(axis=0)).mean()
        assert np.sum(metrics[kind]["clip"]["confusion"]) == 30


def test_the_shipped_model_scores_what_its_metrics_say(corpora: Path) -> None:
    stated = json.loads(SHIPPED.with_suffix(".metrics.json").read_text())
    loaded = model.load(str(SHIPPED))
    front_end, labels = loaded.contract.front_end, loaded.contract.labels
    assert stated["sha256"] == loaded.contract.sha256
    utterances = {u.name: u for u in inventory(CORPORA["ravdess-speech"], corpora).utterances}
    chosen = stated["predictions"]["int8"]["clip"][::8]
    clips, _ = read_clips([utterances[name] for name in chosen], front_end)
    test = Windowed.make(clips, front_end, labels)
    logits = loaded.scorer.logits(test.windows.inputs)
    again = predictions(test, logits, loaded.contract.temperature)["probabilities"]
    kept = np.array(stated["predictions"]["int8"]["probabilities"])[:, ::8]
    # XNNPACK's kernels differ between machines by one step of the output's quantization at most.
    assert np.abs(np.array(again) - kept).max() <= 30
    accuracy = report(test, logits, loaded.contract.temperature)["clip"]["accuracy"]
    assert accuracy == pytest.approx((kept.argmax(axis=0) == test.truth).mean(), abs=0.05)


def test_the_shipped_model_keeps_its_promises() -> None:
    stated = json.loads(SHIPPED.with_suffix(".metrics.json").read_text())
    network, contract = read_model(SHIPPED)
    assert len(network) < 4_000_000
    assert stated["seed"] == 0
    assert stated["speakers"] == "all"
    assert stated["int8"]["clip"]["accuracy"] >= 0.55  # the thesis: 0.5444
    assert abs(stated["int8"]["clip"]["accuracy"] - stated["float"]["clip"]["accuracy"]) <= 0.01
    assert set(contract.trained_on) == {"ravdess-speech"}


def test_the_shipped_models_test_clips_are_the_splits(corpora: Path) -> None:
    stated = json.loads(SHIPPED.with_suffix(".metrics.json").read_text())
    names = [u.name for u in inventory(CORPORA["ravdess-speech"], corpora).utterances]
    names.remove("03-01-03-01-02-02-07")  # the known twin
    split = random_split(len(names), stated["seed"])
    assert stated["predictions"]["int8"]["clip"] == [names[k] for k in split.test]


def test_bad_data_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"model_build train: {tmp_path}: no recordings of RAVDESS speech")


def test_too_few_clips_are_refused(corpora: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", str(corpora), "--actors", "99", "--out", str(tmp_path)]) == 2
    assert "too few to train" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--recipe", "serd-small", "--actors", "1"], "--actors: not with --recipe serd-small"),
        (["--recipe", "serd-small", "--network", "cnn"], "--network: not with --recipe serd-small"),
        (["--recipe", "serd-tiny", "--corpus", "ravdess"], "--corpus: not with --recipe serd-tiny"),
        (["--seed", "-1"], "--seed -1: out of range; it goes from 0 to 4294967295"),
        (["--recipe", "serd-small", "--seed", "4294967296"], "--seed 4294967296: out of range"),
        (["--epochs", "0"], "--epochs 0: too few; it takes 1 at least"),
        (["--recipe", "serd-small", "--epochs", "-1"], "--epochs -1: too few"),
        (["--out", "file"], "file: File exists; --out needs a folder"),
        (["--recipe", "serd-small", "--out", "file/below"], "file/below: Not a directory; --out needs a folder"),
    ],
)
def test_what_cannot_be_is_said_before_the_work(
    arguments: list[str], text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    assert main(["train", "--data", ".", *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"model_build train: {text}")
