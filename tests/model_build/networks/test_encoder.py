"""model_build.networks.encoder: the port says what the encoder's own code says, in TensorFlow and as a TFLite file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.networks import encoder as module
from model_build.networks import pooling
from model_build.networks.encoder import FRONT_END, WIDTH, Encoder
from model_build.training.encoder_states import EncoderInterpreter, network
from serd.errors import UsageError


def test_rows_are_those_of_the_encoders_own_front_end(reference: dict[str, np.ndarray]) -> None:
    samples = np.pad(reference["samples"].astype(np.float32), 200, mode="reflect")  # its frames are centred
    rows = FRONT_END.scale(FRONT_END.log_rows(samples)[: FRONT_END.rows])
    wanted = reference["log_mel"]
    np.testing.assert_allclose(2 * rows + wanted.max() - 2, wanted, atol=2e-5)


def test_states_are_those_of_its_own_code(
    published: Encoder, reference: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = reference["log_mel"]
    monkeypatch.setattr(module, "PEAK", float(wanted.max()))
    states = published.states(((wanted - wanted.max()) / 2 + 1)[np.newaxis].astype(np.float32))
    for k, state in enumerate(states):
        theirs = reference[f"after_block_{k}"].astype(np.float32)
        np.testing.assert_allclose(np.asarray(state), theirs, atol=4e-4 * np.abs(theirs).max())


def test_weights_in_int8_pool_as_real_ones_do(published: Encoder, reference: dict[str, np.ndarray]) -> None:
    rows = ((reference["log_mel"] - reference["log_mel"].max()) / 2 + 1)[np.newaxis].astype(np.float32)
    wanted = np.asarray(pooling.statistics(published.states(rows), rows))
    statistics, spans = EncoderInterpreter(network(published)).states(rows)
    assert statistics.shape == (1, pooling.LAYERS, len(pooling.STATISTICS), WIDTH)
    assert spans.shape == (1, pooling.SPANS, pooling.LAYERS - 1, WIDTH)
    for ours, theirs in zip(statistics[0].astype(np.float64), wanted.astype(np.float64), strict=True):
        cosine = (ours * theirs).sum() / np.linalg.norm(ours) / np.linalg.norm(theirs)
        assert cosine > 0.999


def test_statistics_are_those_of_numpy() -> None:
    rng = np.random.default_rng(0)
    rows = rng.random((1, FRONT_END.rows, FRONT_END.bands.count), np.float32)
    layer = rng.standard_normal((FRONT_END.rows // 2, WIDTH)).astype(np.float32)
    (found,) = np.asarray(pooling.statistics([layer], rows))
    np.testing.assert_allclose(found[0], layer.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found[1], layer.std(axis=0), atol=1e-3)
    weights = np.exp(pooling.LOUDNESS * rows[0].max(axis=1).reshape(-1, 2).mean(axis=1))
    np.testing.assert_allclose(found[2], np.average(layer, axis=0, weights=weights), atol=1e-4)


@pytest.mark.parametrize("name", ["conv1.weight", "blocks.3.mlp.2.bias"])
def test_a_file_that_lacks_a_weight_is_refused_in_one_line(drawn: Encoder, tmp_path: Path, name: str) -> None:
    np.savez(tmp_path / "less.npz", **{key: own for key, own in drawn.weights.items() if key != name})
    with pytest.raises(UsageError, match=rf"less\.npz: .*{name} is missing.*fetch whisper-tiny\.en"):
        Encoder.read(tmp_path / "less.npz")


def test_the_digest_knows_every_weight_and_not_its_precision(drawn: Encoder) -> None:
    halved = {name: own.astype(np.float16).astype(np.float32) for name, own in drawn.weights.items()}
    assert Encoder(halved).digest == drawn.digest
    changed = halved | {"blocks.0.attn.query.bias": np.ones(WIDTH, np.float32)}
    assert Encoder(changed).digest != drawn.digest
