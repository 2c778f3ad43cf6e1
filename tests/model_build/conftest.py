"""A corpus of noise bursts, as small as a training takes; made sounds; an encoder with its reference."""

from __future__ import annotations

import shutil
from pathlib import Path

import jax
import numpy as np
import pytest

from model_build.networks.encoder import Encoder, shapes
from model_build.training.examples import Examples
from model_build.training.views import Views
from tests.support.actors import ACTORS, READERS
from tests.support.environments import CACHE, locked
from tests.support.sounding import FRONT_END, SCHEDULE, sounding
from tests.support.trees import babble

ENCODER = Path(__file__).resolve().parents[3] / "shared" / "encoders" / "whisper-tiny.en"


MOST_MB = 1000
"""Of compiled programs; beyond it they are forgotten."""


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> None:
    """What one test had compiled, another need not compile again, nor the next run of the tests.

    A program's name there follows from all that shapes it: what changes is compiled anew.
    """
    folder = CACHE / "compiled"
    with locked(folder.name):
        if sum(file.stat().st_size for file in folder.glob("*")) > MOST_MB * 1e6:
            shutil.rmtree(folder)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight actors who speak and sing, a Polish one, two who read, a German one, and something that is no speech."""
    folder = tmp_path_factory.mktemp("data")
    number = 0
    for actor in ACTORS:
        for channel, emotions in (("01", 8), ("02", 6)):
            for emotion in range(1, emotions + 1):
                kind = {"01": "ravdess-speech", "02": "ravdess-song"}[channel]
                number += 1
                babble(folder / kind / f"03-{channel}-{emotion:02}-01-01-01-{actor}.wav", number, seconds=2.0)
    for emotion in ("anger", "happiness", "neutral", "sadness"):
        number += 1
        babble(folder / "nemo" / "samples" / f"SK0_{emotion}_1.wav", number, seconds=2.0)
    for speaker in READERS:
        number += 1
        babble(folder / "librispeech" / f"{speaker}-1-0001.wav", number, seconds=2.0)
    for letter in "WFTN":
        number += 1
        babble(folder / "emo-db" / f"03a01{letter}a.wav", number, seconds=2.0)
    for fold in (1, 5):
        number += 1
        babble(folder / "esc-10" / "004 - Rain" / f"{fold}-17367-A.wav", number, seconds=2.0)
    return folder


@pytest.fixture(scope="module")
def examples() -> Examples:
    """Four of every label."""
    return Examples.make([sounding(label, number) for label in range(8) for number in range(4)])


@pytest.fixture(scope="module")
def heard(examples: Examples) -> Views:
    """Two of each example."""
    return Views.draw(examples.clips, np.full(len(examples.clips), 2), [], FRONT_END, SCHEDULE)


@pytest.fixture(scope="session")
def published() -> Encoder:
    """The encoder as it was trained."""
    if not (ENCODER / "encoder.npz").is_file():
        pytest.skip(f"{ENCODER}: not there; `python -m model_build fetch whisper-tiny.en` brings the encoder")
    return Encoder.read(ENCODER / "encoder.npz")


@pytest.fixture(scope="session")
def reference() -> dict[str, np.ndarray]:
    """Samples, their rows, and the states after each block, as the publisher's own code computes them."""
    if not (ENCODER / "reference.npz").is_file():
        pytest.skip(f"{ENCODER}: not there; it holds what the encoder's own code says of one window")
    with np.load(ENCODER / "reference.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.fixture(scope="session")
def drawn() -> Encoder:
    """An encoder of the same shape with small random weights."""
    rng = np.random.default_rng(1)
    weights = {name: 0.05 * rng.standard_normal(shape, np.float32) for name, shape in shapes().items()}
    return Encoder(weights | {name: np.ones(shape, np.float32) for name, shape in shapes().items() if "_ln.w" in name})
