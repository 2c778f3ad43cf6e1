"""Checkpoints of a training, kept now and then: one that was interrupted goes on from there, with the same end."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import jax
import numpy as np

from model_build.files import cache

EVERY_S = 60.0
"""Seconds between checkpoints: at most so much of a training is lost, and the epoch that it was in."""
Losses = list[np.ndarray[Any, Any]]
"""The losses of each epoch (students,)."""


def save(path: Path, states: Any, losses: Losses) -> None:
    """`states` is any tree of arrays."""
    leaves: dict[str, Any] = {f"leaf{k}": np.asarray(leaf) for k, leaf in enumerate(jax.tree.leaves(states))}
    with cache.replacing(path) as written, written.open("wb") as file:
        np.savez(file, losses=np.stack(losses), **leaves)


def load(path: Path, states: Any) -> tuple[Any, Losses]:
    """What was saved of a tree like `states`; these and no losses where there is nothing that fits."""
    leaves, tree = jax.tree.flatten(states)
    try:
        with np.load(path) as kept:
            arrays = [kept[f"leaf{k}"] for k in range(len(leaves))]
            losses = list(kept["losses"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return states, []
    if [array.shape for array in arrays] != [array.shape for array in leaves]:
        return states, []
    return jax.tree.unflatten(tree, [jax.numpy.asarray(array) for array in arrays]), losses
