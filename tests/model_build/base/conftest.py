"""What the tests of serd-base share: the encoder's weights and reference, where they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.base.encoder import Encoder, shapes

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "encoders" / "whisper-tiny.en"


@pytest.fixture(scope="session")
def published() -> Encoder:
    """The encoder as it was trained."""
    if not (FOLDER / "encoder.npz").is_file():
        pytest.skip(f"{FOLDER}: not there; `python -m model_build fetch whisper-tiny.en` brings the encoder")
    return Encoder.read(FOLDER / "encoder.npz")


@pytest.fixture(scope="session")
def reference() -> dict[str, np.ndarray]:
    """Samples, their rows, and the states after each block, as the publisher's own code computes them."""
    if not (FOLDER / "reference.npz").is_file():
        pytest.skip(f"{FOLDER}: not there; it holds what the encoder's own code says of one window")
    with np.load(FOLDER / "reference.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.fixture(scope="session")
def drawn() -> Encoder:
    """An encoder of the same shape with small random weights."""
    rng = np.random.default_rng(1)
    weights = {name: 0.05 * rng.standard_normal(shape, np.float32) for name, shape in shapes().items()}
    return Encoder(weights | {name: np.ones(shape, np.float32) for name, shape in shapes().items() if "_ln.w" in name})
