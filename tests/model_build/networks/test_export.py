"""The model file and the metrics beside it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from model_build.clips.features import Clip
from model_build.corpora import Utterance
from model_build.files import cache
from model_build.networks import export
from model_build.networks.quantize import Quantized
from model_build.thesis.plan import THRESHOLDS, Plan, thesis_recipe
from serd.errors import UsageError
from serd.inference.contract import Quantization, read_model
from serd.inference.decision import Rules

RECIPE = thesis_recipe("cnn", "ravdess", Plan())
NETWORK = Quantized(b"\x1c\0\0\0TFL3" + bytes(100), Quantization(1 / 255, -128), Quantization(0.1, 3))


def clip(corpus: str, speaker: str) -> Clip:
    rows = np.random.default_rng(int(speaker)).uniform(-20, -2, (80, 64)).astype(np.float32)
    return Clip(Utterance(Path("x"), "x", corpus, speaker), speaker, rows, np.ones(80, np.bool_))


CLIPS = [clip("ravdess-speech", speaker) for speaker in ("02", "01", "02")]
UTTERANCES = [clip.utterance for clip in CLIPS]


def test_the_contract_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    made = export.contract(RECIPE, 1.25, UTTERANCES, {"seed": "0"}, quantized=NETWORK)
    path, beside = export.write_with_metrics(tmp_path, NETWORK.network, made, {"answer": 42})
    network, read = read_model(path)
    assert network == NETWORK.network
    assert read.name == "thesis-cnn"
    assert read.front_end == RECIPE.front_end
    assert read.trained_on == {"ravdess-speech": ("01", "02")}
    assert (read.input, read.output, read.temperature) == (NETWORK.input, NETWORK.output, 1.25)
    metrics = json.loads(beside.read_text())
    assert metrics == {"answer": 42, "sha256": read.sha256, "bytes": path.stat().st_size}
    assert sorted(tmp_path.iterdir()) == sorted([path, beside])


def test_the_same_weights_give_the_same_file(tmp_path: Path) -> None:
    made = export.contract(RECIPE, 1.25, UTTERANCES, {}, quantized=NETWORK)
    one, _ = export.write_with_metrics(tmp_path / "a", NETWORK.network, made, {})
    two, _ = export.write_with_metrics(tmp_path / "b", NETWORK.network, made, {})
    assert one.read_bytes() == two.read_bytes()


def test_the_thresholds_are_rules_the_daemon_knows() -> None:
    Rules.make(THRESHOLDS)


@pytest.mark.parametrize(
    ("corpora", "wanted"),
    [
        (["ravdess-speech", "nemo"], "CC-BY-NC-SA-4.0"),
        (["ravdess-speech", "emo-db"], "LicenseRef-not-for-redistribution"),
        (["urdu"], "LicenseRef-not-for-redistribution"),
    ],
)
def test_weights_inherit_the_terms_of_their_data(corpora: list[str], wanted: str) -> None:
    assert export.licence(corpora) == wanted


def test_representatives_have_padded_windows_among_them() -> None:
    windows = export.representatives(CLIPS, RECIPE.front_end, 0)
    assert windows.shape == (export.REPRESENTATIVES, 96, 64)
    padded = ~windows[:, 0].any(axis=1)
    assert padded.mean() > 0.2
    np.testing.assert_array_equal(windows, export.representatives(CLIPS, RECIPE.front_end, 0))


def test_a_folder_to_write_into_is_made_and_left_empty(tmp_path: Path) -> None:
    cache.writable(tmp_path / "a" / "b", "--out")
    assert not list((tmp_path / "a" / "b").iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file: File exists; --out needs a folder that can be written into"):
        cache.writable(tmp_path / "file", "--out")
