"""model_build.networks.base_file and head: the file says what the head says."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model_build.corpora import Utterance
from model_build.experiments.head_recipe import BASE
from model_build.networks.base_file import contract, write
from model_build.networks.base_file import network as whole
from model_build.networks.encoder import FRONT_END, WIDTH, Encoder
from model_build.networks.head import OUTPUTS, Head, features
from model_build.training.encoder_states import EncoderInterpreter, network
from serd.inference.model import load


def test_the_file_says_what_the_head_says_of_the_kept_states(drawn: Encoder, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    size = len(BASE.layers) * 2 * WIDTH
    head = Head(
        BASE.layers,
        rng.normal(0, 0.1, size).astype(np.float32),
        rng.uniform(0.5, 1, size).astype(np.float32),
        rng.normal(0, size**-0.5, (size, 24)).astype(np.float32),
        rng.normal(0, 0.1, 24).astype(np.float32),
        rng.normal(0, 0.3, (24, OUTPUTS)).astype(np.float32),
        rng.normal(0, size**-0.5, (size, OUTPUTS)).astype(np.float32),
        np.linspace(-1, 1, OUTPUTS).astype(np.float32),
    )
    windows = rng.random((3, FRONT_END.rows, FRONT_END.bands.count), np.float32)
    kept, _ = EncoderInterpreter(network(drawn)).states(windows)
    wanted = head.answers(features(kept, head.layers))
    clip = Utterance(tmp_path / "a.wav", "a", "emo-db", "03", emotion="sad")
    file = tmp_path / "serd-base.tflite"
    write(file, whole(drawn, head, BASE), contract(BASE, [clip], 0.7, 0.9, {"seed": "0"}))
    model = load(str(file))
    np.testing.assert_allclose(model.scorer.logits(windows), wanted, atol=0.05 * np.abs(wanted).max())
    answers = model.answers(windows)
    assert answers.probabilities.shape == (3, 8)
    assert answers.activation is not None
    odds = model.scorer.logits(windows)[:, 8] / np.float32(0.9)
    np.testing.assert_allclose(answers.activation, 1 / (1 + np.exp(-odds.astype(np.float64))), rtol=1e-5)
    assert model.contract.trained_on == {"emo-db": ("03",)}
