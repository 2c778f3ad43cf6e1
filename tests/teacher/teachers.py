"""The teacher's files for its tests; they are not part of the checkout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

ARRAYS = "mn04_as_mAP_432.npz"


def reference(teachers: Path) -> dict[str, np.ndarray]:
    """Samples, mel input, embedding and logits, as EfficientAT's own code made them."""
    path = teachers / "reference.npz"
    if not path.is_file():
        pytest.skip(f"no {path.name} among the teacher's files")
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}
