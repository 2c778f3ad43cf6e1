"""The teacher's files for its tests; they are not part of the checkout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from model_build.audio import read as read_sound
from model_build.corpora import Utterance
from model_build.features import Clip

ARRAYS = "mn04_as_mAP_432.npz"


def reference(teachers: Path) -> dict[str, np.ndarray]:
    """Samples, mel input, embedding and logits, as EfficientAT's own code made them."""
    path = teachers / "reference.npz"
    if not path.is_file():
        pytest.skip(f"no {path.name} among the teacher's files")
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def clip(path: Path) -> Clip:
    """A recording as the teacher is given it; its own features do not matter."""
    _, digest = read_sound(path, 16000)
    return Clip(Utterance(path, path.stem, "c", "s"), digest, np.zeros((4, 8), np.float32), np.ones(4, np.bool_))
