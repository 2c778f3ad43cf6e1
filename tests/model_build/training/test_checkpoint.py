"""What was saved comes back, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import jax.numpy as jnp
import numpy as np

from model_build.training.checkpoint import load, save

TREE = [{"a": jnp.arange(6.0).reshape(2, 3)}, (jnp.array(7), jnp.zeros(0))]
FRESH = [{"a": jnp.zeros((2, 3))}, (jnp.array(0), jnp.zeros(0))]
LOSSES = [np.array([1.0, 2.0]), np.array([0.5, 1.5])]


def test_a_tree_comes_back_with_its_losses(tmp_path: Path) -> None:
    save(tmp_path / "kept.npz", TREE, LOSSES)
    (first, (count, nothing)), losses = load(tmp_path / "kept.npz", FRESH)
    np.testing.assert_array_equal(first["a"], TREE[0]["a"])
    assert (int(count), nothing.shape) == (7, (0,))
    np.testing.assert_array_equal(losses, LOSSES)


def test_nothing_there_is_a_fresh_start(tmp_path: Path) -> None:
    assert load(tmp_path / "none.npz", FRESH) == (FRESH, [])


def test_what_is_broken_or_of_other_networks_is_a_fresh_start(tmp_path: Path) -> None:
    kept = tmp_path / "kept.npz"
    save(kept, TREE, LOSSES)
    for other in ([{"a": jnp.zeros((3, 3))}, *FRESH[1:]], [*FRESH, jnp.zeros(1)]):
        assert load(kept, other)[1] == []
    kept.write_bytes(kept.read_bytes()[:200])
    assert load(kept, FRESH) == (FRESH, [])
    kept.write_text("no archive")
    assert load(kept, FRESH) == (FRESH, [])
