"""How the default models are trained: side by side, by AdamW along a cosine, with mixup, masks and averaged weights.

Each network draws its own clips, views and mixtures, which follow from its seed alone: who trains beside it changes
no more than rounding. No epoch is chosen: the last one's averaged weights are the result, so the validation speakers
serve the temperature alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
from numpy.typing import NDArray

from model_build.small.examples import Examples
from model_build.small.many import Array, Weights, apply, give, stacked
from model_build.small.schedule import Schedule
from model_build.small.views import Views
from serd.frontend import Rows

Say = Callable[[str], None]
APART = 1e4
"""Taken off the logits of labels that a clip's corpus does not have."""


class Pupil(NamedTuple):
    """A network that learns."""

    network: keras.Model
    clips: NDArray[np.intp]
    """Which of the examples it may hear."""
    seed: tuple[int, ...]
    """Of all that it draws."""
    taught: Rows | None = None
    """What a teacher says of each view (views, examples, labels), instead of the truth; all pupils have one, or
    none."""


class Material(NamedTuple):
    """What all pupils learn from."""

    views: Array
    """(views, examples, rows, bands), 0 to 255."""
    known: Array
    """Which labels count (examples, labels)."""
    wanted: Array
    """What is to be said (examples, labels)."""
    taught: Array | None
    """What the teachers say instead (pupils, views, examples, labels)."""


class State(NamedTuple):
    """Where a training stands; arrays have the pupils as their first axis."""

    weights: Weights
    steps: Any
    """The optimizer's."""
    mean: Any
    """Of the learned weights so far."""


class Drawn(NamedTuple):
    """What is heard in many steps."""

    clips: Array
    """Indices of examples (steps, pupils, batch)."""
    views: Array
    """In which of its views each is heard (steps, pupils, batch)."""
    number: Array
    """Of the step, from the first on (steps,)."""


def train(
    pupils: Sequence[Pupil],
    examples: Examples,
    views: Views,
    schedule: Schedule,
    *,
    say: Say = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> list[list[float]]:
    """Train networks of one shape in place; each one's mean loss in each epoch. `check` may raise at any epoch."""
    each = schedule.draws // schedule.batch
    network, optimizer = pupils[0].network, _optimizer(schedule, each * schedule.epochs)
    said = [own.taught for own in pupils if own.taught is not None]
    material = Material(
        jnp.asarray(views),
        jnp.asarray(examples.known),
        jnp.asarray(examples.targets(schedule.smoothing)),
        jnp.asarray(np.stack(said)) if said else None,
    )
    weights = stacked([own.network for own in pupils])
    state = State(weights, jax.vmap(optimizer.init)(weights.learned), jax.tree.map(jnp.copy, weights.learned))
    keys = jnp.stack([jax.random.key(int(np.random.SeedSequence(own.seed).generate_state(1)[0])) for own in pupils])

    @partial(jax.jit, donate_argnums=0)
    def learn(state: State, material: Material, drawn: Drawn) -> tuple[State, Array]:
        own = partial(_step, network=network, optimizer=optimizer, schedule=schedule, keys=keys, material=material)
        learned: tuple[State, Array] = jax.lax.scan(own, state, drawn)
        return learned

    @jax.jit
    def settle(weights: Weights, material: Material, drawn: Drawn) -> Weights:
        own = partial(_settled, network=network, schedule=schedule, keys=keys, material=material)
        settled: Weights = jax.lax.scan(own, weights, drawn)[0]
        return settled

    losses = []
    for epoch in range(schedule.epochs):
        check()
        began = time.monotonic()
        state, lost = learn(state, material, _drawn(pupils, examples, schedule, epoch, each))
        losses.append(np.asarray(lost).mean(axis=0))
        took = time.monotonic() - began
        say(f"epoch {epoch + 1}/{schedule.epochs}: loss {losses[-1].mean():.3f}, {took:.1f} s")
    averaged = Weights(state.mean, state.weights.statistics)
    drawn = _drawn(pupils, examples, schedule, schedule.epochs, schedule.settling)
    give(settle(averaged, material, drawn), [own.network for own in pupils])
    return [[float(loss) for loss in own] for own in np.transpose(losses)]


def _optimizer(schedule: Schedule, steps: int) -> optax.GradientTransformation:
    """Of one network."""
    warm = max(1, steps // 20)
    rate = optax.warmup_cosine_decay_schedule(schedule.rate / 20, schedule.rate, warm, max(warm + 1, steps))
    return optax.chain(
        optax.clip_by_global_norm(schedule.clip), optax.adamw(rate, eps=1e-7, weight_decay=schedule.decay)
    )


def _drawn(pupils: Sequence[Pupil], examples: Examples, schedule: Schedule, epoch: int, steps: int) -> Drawn:
    """An epoch of so many steps."""
    shape = (steps, schedule.batch)
    clips, numbers = [], []
    for own in pupils:
        rng = np.random.default_rng([*own.seed, epoch])
        order = examples.epoch(rng, own.clips, steps * schedule.batch, dict(schedule.shares))
        clips.append(order.reshape(shape))
        numbers.append(rng.integers(schedule.views, size=shape))
    first = epoch * (schedule.draws // schedule.batch)
    chosen, views = (jnp.asarray(np.stack(own, axis=1)) for own in (clips, numbers))
    return Drawn(chosen, views, first + jnp.arange(steps))


def _step(
    state: State,
    drawn: Drawn,
    *,
    network: keras.Model,
    optimizer: optax.GradientTransformation,
    schedule: Schedule,
    keys: Array,
    material: Material,
) -> tuple[State, Array]:
    """One batch of every pupil; their losses (pupils,)."""
    own = jax.vmap(jax.random.fold_in, (0, None))(keys, drawn.number)
    inputs, known, wanted = _heard(schedule, material, own, drawn)

    def loss(learned: Any) -> tuple[Array, Any]:
        logits, statistics = apply(network, state.weights._replace(learned=learned), inputs, own)
        lost = -(wanted * jax.nn.log_softmax(logits - APART * (1 - known))).sum(axis=-1).mean(axis=-1)
        return lost.sum(), (lost, statistics)

    slopes, (lost, statistics) = jax.grad(loss, has_aux=True)(state.weights.learned)
    changes, steps = jax.vmap(optimizer.update)(slopes, state.steps, state.weights.learned)
    learned = optax.apply_updates(state.weights.learned, changes)
    share = jnp.maximum(1 - schedule.average, 9 / (11 + drawn.number))  # at first, the mean is of few
    mean = optax.incremental_update(learned, state.mean, share)
    return State(Weights(learned, statistics), steps, mean), lost


def _settled(
    weights: Weights, drawn: Drawn, *, network: keras.Model, schedule: Schedule, keys: Array, material: Material
) -> tuple[Weights, None]:
    own = jax.vmap(jax.random.fold_in, (0, None))(keys, drawn.number)
    inputs, _, _ = _heard(schedule, material, own, drawn)
    return Weights(weights.learned, apply(network, weights, inputs, own)[1]), None


def _heard(schedule: Schedule, material: Material, keys: Array, drawn: Drawn) -> tuple[Array, ...]:
    """Every pupil's batch."""
    axes = Material(None, None, None, None if material.taught is None else 0)
    every: tuple[Array, ...] = jax.vmap(partial(batch, schedule), (axes, 0, 0, 0))(
        material, keys, drawn.clips, drawn.views
    )
    return every


def batch(schedule: Schedule, material: Material, key: Array, chosen: Array, numbers: Array) -> tuple[Array, ...]:
    """What one pupil hears in one step: inputs (n, rows, bands, 1), known and wanted labels (n, labels)."""
    masks, shares, order = jax.random.split(key, 3)
    inputs = masked(masks, material.views[numbers, chosen].astype(jnp.float32) / 255, schedule)
    known, wanted = material.known[chosen].astype(jnp.float32), material.wanted[chosen]
    if material.taught is not None:
        wanted = material.taught[numbers, chosen]
    if schedule.mixup:
        share = jax.random.beta(shares, schedule.mixup, schedule.mixup, chosen.shape)
        share = jnp.maximum(share, 1 - share)[:, None]
        other = jax.random.permutation(order, len(chosen))
        inputs = share[..., None] * inputs + (1 - share[..., None]) * inputs[other]
        wanted = share * wanted + (1 - share) * wanted[other]
        known = jnp.maximum(known, known[other])
    return inputs[..., None], known, wanted


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
