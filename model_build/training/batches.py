"""What a network hears in one step of its training: masked windows, mixed, and what is to be said of them."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from model_build.experiments.schedule import Schedule
from model_build.networks.vectorized import Array


class TrainingArrays(NamedTuple):
    """What all students learn from."""

    views: Array
    """(views, rows, bands), 0 to 255."""
    known: Array
    """Which labels count (examples, labels)."""
    wanted: Array
    """What is to be said (examples, labels)."""
    taught: Array | None
    """What the teachers say instead (students, views, labels)."""


def batch(schedule: Schedule, material: TrainingArrays, key: Array, chosen: Array, seen: Array) -> tuple[Array, ...]:
    """What one student hears in one step: inputs (n, rows, bands, 1), known and wanted labels (sources, n, labels).

    A mixture has two sources, each with its share of what is wanted: each is told from the labels of its own corpus.
    """
    masks, shares, order = jax.random.split(key, 3)
    inputs = masked(masks, material.views[seen].astype(jnp.float32) / 255, schedule)
    known, wanted = material.known[chosen].astype(jnp.float32), material.wanted[chosen]
    if material.taught is not None:
        wanted = material.taught[seen]
    if not schedule.mixup:
        return inputs[..., None], known[None], wanted[None]
    share = jax.random.beta(shares, schedule.mixup, schedule.mixup, chosen.shape)
    share = jnp.maximum(share, 1 - share)[:, None]
    other = jax.random.permutation(order, len(chosen))
    inputs = share[..., None] * inputs + (1 - share[..., None]) * inputs[other]
    return (
        inputs[..., None],
        jnp.stack([known, known[other]]),
        jnp.stack([share * wanted, (1 - share) * wanted[other]]),
    )


def masked(key: Array, windows: Array, schedule: Schedule) -> Array:
    """Windows (n, rows, bands) with stripes of time and of frequency at 0 (SpecAugment, Park et al. 2019)."""
    for at, (axis, greatest) in enumerate(((1, schedule.stripe_rows), (2, schedule.stripe_bands))):
        length = windows.shape[axis]
        sizes, places = jax.random.uniform(jax.random.fold_in(key, at), (2, schedule.stripes, len(windows), 1))
        size = jnp.floor(sizes * (greatest + 1))
        first = jnp.floor(places * (length - size + 1))
        along = jnp.arange(length)
        struck = ((along >= first) & (along < first + size)).any(axis=0)
        windows = jnp.where(jnp.expand_dims(struck, 3 - axis), 0, windows)
    return windows
