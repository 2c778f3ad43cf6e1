"""How the default models are trained: by AdamW along a cosine, with mixup, masks and averaged weights.

Several train at once, on a processor in turn, an epoch each. Each network draws its own clips, views and mixtures,
which follow from its seed alone: who trains beside it changes no more than rounding. No epoch is chosen: the last one's
averaged weights are the result, so the validation speakers serve the temperature alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
from numpy.typing import NDArray

from model_build.small import checkpoint
from model_build.small.batches import Material, batch
from model_build.small.examples import Examples
from model_build.small.many import Array, Weights, apply, give, stacked
from model_build.small.schedule import Schedule
from model_build.small.views import Views
from serd.inference.frontend import Rows

Say = Callable[[str], None]
APART = 1e4
"""Taken off the logits of labels that a clip's corpus does not have."""
CHUNK = 256
"""Windows that teachers hear at once."""


class Pupil(NamedTuple):
    """A network that learns."""

    network: keras.Model
    views: NDArray[np.intp]
    """In how many of its views it may hear each example (examples,); 0: not at all."""
    shares: Mapping[str, float]
    """How many of what it hears are of which corpus."""
    seed: tuple[int, ...]
    """Of all that it draws."""
    taught: Rows | None = None
    """What a teacher says of each view (views, labels), instead of the truth; all pupils have one, or none."""


class State(NamedTuple):
    """Where a training stands; arrays have the pupils as their first axis."""

    weights: Weights
    steps: Any
    """The optimizer's."""
    mean: Any
    """Of the learned weights so far."""


class Desk(NamedTuple):
    """What pupils who learn at once have before them."""

    material: Material
    keys: Array
    """Of each one's draws (pupils,)."""


class Drawn(NamedTuple):
    """What is heard in many steps."""

    clips: Array
    """Indices of examples (steps, pupils, batch)."""
    views: Array
    """Indices of the views in which they are heard (steps, pupils, batch)."""
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
    kept: Path | None = None,
) -> list[list[float]]:
    """Train networks of one shape in place; each one's mean loss in each epoch.

    `check` may raise at any epoch; the same call with the same file `kept` goes on from there.
    """
    each = schedule.draws // schedule.batch
    network, optimizer = pupils[0].network, _optimizer(schedule, each * schedule.epochs)

    @partial(jax.jit, donate_argnums=0)
    def learn(state: State, desk: Desk, drawn: Drawn) -> tuple[State, Array]:
        own = partial(_step, network=network, optimizer=optimizer, schedule=schedule, desk=desk)
        learned: tuple[State, Array] = jax.lax.scan(own, state, drawn)
        return learned

    @jax.jit
    def settle(weights: Weights, desk: Desk, drawn: Drawn) -> Weights:
        settled: Weights = jax.lax.scan(
            partial(_settled, network=network, schedule=schedule, desk=desk), weights, drawn
        )[0]
        return settled

    groups = _groups(pupils)
    desks = _desks(groups, examples, views, schedule)
    states = []
    for group in groups:
        weights = stacked([own.network for own in group])
        states.append(
            State(weights, jax.vmap(optimizer.init)(weights.learned), jax.tree.map(jnp.copy, weights.learned))
        )
    states, losses = checkpoint.load(kept, states) if kept else (states, [])
    saved = time.monotonic()
    for epoch in range(len(losses), schedule.epochs):
        began, lost = time.monotonic(), []
        for k, group in enumerate(groups):
            check()
            drawn = _drawn(group, examples, views, schedule, epoch=epoch, steps=each)
            states[k], own = learn(states[k], desks[k], drawn)
            lost.append(np.asarray(own).mean(axis=0))
        losses.append(np.concatenate(lost))
        say(f"epoch {epoch + 1}/{schedule.epochs}: loss {losses[-1].mean():.3f}, {time.monotonic() - began:.1f} s")
        if kept and time.monotonic() - saved >= checkpoint.EVERY_S:
            checkpoint.save(kept, states, losses)
            saved = time.monotonic()
    for group, desk, state in zip(groups, desks, states, strict=True):
        averaged = Weights(state.mean, state.weights.statistics)
        drawn = _drawn(group, examples, views, schedule, epoch=schedule.epochs, steps=schedule.settling)
        give(settle(averaged, desk, drawn), [own.network for own in group])
    return [[float(loss) for loss in own] for own in np.transpose(losses)]


def _groups(pupils: Sequence[Pupil]) -> list[Sequence[Pupil]]:
    """Who learns at once: all, but on a processor, whose caches hold what is stacked for one, each in turn."""
    return [[own] for own in pupils] if jax.default_backend() == "cpu" else [pupils]


def _desks(groups: Sequence[Sequence[Pupil]], examples: Examples, views: Views, schedule: Schedule) -> list[Desk]:
    windows, known = jnp.asarray(views.windows), jnp.asarray(examples.known)
    wanted, desks = jnp.asarray(examples.targets(schedule.smoothing)), []
    for group in groups:
        said = [own.taught for own in group if own.taught is not None]
        material = Material(windows, known, wanted, jnp.asarray(np.stack(said)) if said else None)
        keys = [jax.random.key(int(np.random.SeedSequence(own.seed).generate_state(1)[0])) for own in group]
        desks.append(Desk(material, jnp.stack(keys)))
    return desks


def said(teachers: Sequence[keras.Model], examples: Examples, views: Views) -> list[Rows]:
    """What each of some networks of one shape says of every view, over the labels that its clip's corpus has: their
    probabilities (views, labels)."""
    known = np.repeat(examples.known, views.count, axis=0)
    weights = stacked(teachers)

    @jax.jit
    def probabilities(weights: Weights, windows: Array, known: Array) -> Array:
        inputs = windows.astype(jnp.float32)[..., None] / 255
        inputs = jnp.broadcast_to(inputs, (len(teachers), *inputs.shape))
        logits, _ = apply(teachers[0], weights, inputs)
        return jax.nn.softmax(logits - APART * ~known)

    size = min(CHUNK, len(known))
    told = np.zeros((len(teachers), *known.shape), np.float32)
    for end in range(size, len(known) + size, size):
        part = slice(max(0, min(end, len(known)) - size), end)  # all of one size: one program
        told[:, part] = np.asarray(probabilities(weights, jnp.asarray(views.windows[part]), jnp.asarray(known[part])))
    return list(told)


def _optimizer(schedule: Schedule, steps: int) -> optax.GradientTransformation:
    """Of one network."""
    warm = max(1, steps // 20)
    rate = optax.warmup_cosine_decay_schedule(schedule.rate / 20, schedule.rate, warm, max(warm + 1, steps))
    return optax.chain(
        optax.clip_by_global_norm(schedule.clip), optax.adamw(rate, eps=1e-7, weight_decay=schedule.decay)
    )


def _drawn(
    pupils: Sequence[Pupil], examples: Examples, views: Views, schedule: Schedule, *, epoch: int, steps: int
) -> Drawn:
    """An epoch of so many steps."""
    shape = (steps, schedule.batch)
    clips, seen = [], []
    for own in pupils:
        rng = np.random.default_rng([*own.seed, epoch])
        order = examples.epoch(rng, np.flatnonzero(own.views), steps * schedule.batch, own.shares)
        clips.append(order.reshape(shape))
        seen.append(views.some(rng, order, own.views[order]).reshape(shape))
    first = epoch * (schedule.draws // schedule.batch)
    chosen, heard = (jnp.asarray(np.stack(own, axis=1)) for own in (clips, seen))
    return Drawn(chosen, heard, first + jnp.arange(steps))


def _step(
    state: State,
    drawn: Drawn,
    *,
    network: keras.Model,
    optimizer: optax.GradientTransformation,
    schedule: Schedule,
    desk: Desk,
) -> tuple[State, Array]:
    """One batch of every pupil; their losses (pupils,)."""
    own = jax.vmap(jax.random.fold_in, (0, None))(desk.keys, drawn.number)
    inputs, known, wanted = _heard(schedule, desk.material, own, drawn)

    def loss(learned: Any) -> tuple[Array, Any]:
        logits, statistics = apply(network, state.weights._replace(learned=learned), inputs, own)
        lost = -(wanted * jax.nn.log_softmax(logits[:, None] - APART * (1 - known))).sum(axis=(1, 3)).mean(axis=-1)
        return lost.sum(), (lost, statistics)

    slopes, (lost, statistics) = jax.grad(loss, has_aux=True)(state.weights.learned)
    changes, steps = jax.vmap(optimizer.update)(slopes, state.steps, state.weights.learned)
    learned = optax.apply_updates(state.weights.learned, changes)
    share = jnp.maximum(1 - schedule.average, 9 / (11 + drawn.number))  # at first, the mean is of few
    mean = optax.incremental_update(learned, state.mean, share)
    return State(Weights(learned, statistics), steps, mean), lost


def _settled(
    weights: Weights, drawn: Drawn, *, network: keras.Model, schedule: Schedule, desk: Desk
) -> tuple[Weights, None]:
    own = jax.vmap(jax.random.fold_in, (0, None))(desk.keys, drawn.number)
    inputs, _, _ = _heard(schedule, desk.material, own, drawn)
    return Weights(weights.learned, apply(network, weights, inputs, own)[1]), None


def _heard(schedule: Schedule, material: Material, keys: Array, drawn: Drawn) -> tuple[Array, ...]:
    """Every pupil's batch."""
    axes = Material(None, None, None, None if material.taught is None else 0)
    every: tuple[Array, ...] = jax.vmap(partial(batch, schedule), (axes, 0, 0, 0))(
        material, keys, drawn.clips, drawn.views
    )
    return every
