"""How the default models are trained: by AdamW along a cosine, with mixup, masks and averaged weights.

Several train at once, on a processor in turn, an epoch each. Each network draws its own clips, views and mixtures,
which follow from its seed alone: who trains beside it changes no more than rounding. No epoch is chosen: the last one's
averaged weights are the result, so the validation speakers serve the temperature alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
from numpy.typing import NDArray

from model_build.experiments.schedule import Schedule
from model_build.files.progress import Check, Say, never, silent
from model_build.networks.vectorized import Array, Weights, apply, set_weights, stack_weights
from model_build.training import checkpoint
from model_build.training.batches import TrainingArrays, batch
from model_build.training.examples import Examples
from model_build.training.views import Views
from serd.inference.frontend import Rows

APART = 1e4
"""Taken off the logits of labels that a clip's corpus does not have."""
CHUNK = 256
"""Windows that teachers hear at once."""


class Student(NamedTuple):
    """A network that learns."""

    network: keras.Model
    views: NDArray[np.intp]
    """Number of views of each example that it may hear (examples,); 0: none."""
    shares: Mapping[str, float]
    """How many of what it hears are of which corpus."""
    seed: tuple[int, ...]
    """The seed of all that it draws."""
    taught: Rows | None = None
    """What a teacher says of each view (views, labels), instead of the truth; all students have one, or none."""


class State(NamedTuple):
    """Where a training stands; arrays have the students as their first axis."""

    weights: Weights
    steps: Any
    """The optimizer's."""
    mean: Any
    """The exponential mean of the learned weights so far."""


class Inputs(NamedTuple):
    """What students who learn at once learn from."""

    material: TrainingArrays
    keys: Array
    """The random key of each one's draws (students,)."""


class Drawn(NamedTuple):
    """What is heard in many steps."""

    clips: Array
    """Indices of examples (steps, students, batch)."""
    views: Array
    """Indices of the views in which they are heard (steps, students, batch)."""
    number: Array
    """The number of each step, from the first on (steps,)."""


def train(
    students: Sequence[Student],
    examples: Examples,
    views: Views,
    schedule: Schedule,
    *,
    say: Say = silent,
    check: Check = never,
    kept: Path | None = None,
) -> list[list[float]]:
    """Train networks of one shape in place; each one's mean loss in each epoch.

    `check` may raise at any epoch; the same call with the same file `kept` goes on from there.
    """
    each = schedule.draws // schedule.batch
    network, optimizer = students[0].network, _optimizer(schedule, each * schedule.epochs)

    @partial(jax.jit, donate_argnums=0)
    def learn(state: State, inputs: Inputs, drawn: Drawn) -> tuple[State, Array]:
        step = partial(_step, network=network, optimizer=optimizer, schedule=schedule, source=inputs)
        learned: tuple[State, Array] = jax.lax.scan(step, state, drawn)
        return learned

    @jax.jit
    def settle(weights: Weights, inputs: Inputs, drawn: Drawn) -> Weights:
        settled: Weights = jax.lax.scan(
            partial(_settled, network=network, schedule=schedule, source=inputs), weights, drawn
        )[0]
        return settled

    groups = _groups(students)
    group_inputs = _inputs_of(groups, examples, views, schedule)
    states = []
    for group in groups:
        weights = stack_weights([student.network for student in group])
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
            states[k], lost_each = learn(states[k], group_inputs[k], drawn)
            lost.append(np.asarray(lost_each).mean(axis=0))
        losses.append(np.concatenate(lost))
        say(f"epoch {epoch + 1}/{schedule.epochs}: loss {losses[-1].mean():.3f}, {time.monotonic() - began:.1f} s")
        if kept and time.monotonic() - saved >= checkpoint.EVERY_S:
            checkpoint.save(kept, states, losses)
            saved = time.monotonic()
    for group, inputs, state in zip(groups, group_inputs, states, strict=True):
        averaged = Weights(state.mean, state.weights.statistics)
        drawn = _drawn(group, examples, views, schedule, epoch=schedule.epochs, steps=schedule.settling)
        set_weights(settle(averaged, inputs, drawn), [student.network for student in group])
    return [[float(loss) for loss in of_student] for of_student in np.transpose(losses)]


def _groups(students: Sequence[Student]) -> list[Sequence[Student]]:
    """Who learns at once: all, but on a processor, whose caches hold what is stacked for one, each in turn."""
    return [[student] for student in students] if jax.default_backend() == "cpu" else [students]


def _inputs_of(
    groups: Sequence[Sequence[Student]], examples: Examples, views: Views, schedule: Schedule
) -> list[Inputs]:
    windows, known = jnp.asarray(views.windows), jnp.asarray(examples.known)
    wanted, group_inputs = jnp.asarray(examples.targets(schedule.smoothing)), []
    for group in groups:
        soft_labels = [student.taught for student in group if student.taught is not None]
        material = TrainingArrays(windows, known, wanted, jnp.asarray(np.stack(soft_labels)) if soft_labels else None)
        keys = [jax.random.key(int(np.random.SeedSequence(student.seed).generate_state(1)[0])) for student in group]
        group_inputs.append(Inputs(material, jnp.stack(keys)))
    return group_inputs


def soft_labels(teachers: Sequence[keras.Model], examples: Examples, views: Views) -> list[Rows]:
    """What each of some networks of one shape says of every view, over the labels that its clip's corpus has: their
    probabilities (views, labels)."""
    known = np.repeat(examples.known, views.count, axis=0)
    weights = stack_weights(teachers)

    @jax.jit
    def probabilities(weights: Weights, windows: Array, known: Array) -> Array:
        inputs = windows.astype(jnp.float32)[..., None] / 255
        inputs = jnp.broadcast_to(inputs, (len(teachers), *inputs.shape))
        logits, _ = apply(teachers[0], weights, inputs)
        return jax.nn.softmax(logits - APART * ~known)

    size = min(CHUNK, len(known))
    answers = np.zeros((len(teachers), *known.shape), np.float32)
    for end in range(size, len(known) + size, size):
        part = slice(max(0, min(end, len(known)) - size), end)  # all of one size: one program
        windows = jnp.asarray(views.windows[part])
        answers[:, part] = np.asarray(probabilities(weights, windows, jnp.asarray(known[part])))
    return list(answers)


def _optimizer(schedule: Schedule, steps: int) -> optax.GradientTransformation:
    """The optimizer of one network."""
    warm = max(1, steps // 20)
    rate = optax.warmup_cosine_decay_schedule(schedule.rate / 20, schedule.rate, warm, max(warm + 1, steps))
    return optax.chain(
        optax.clip_by_global_norm(schedule.clip), optax.adamw(rate, eps=1e-7, weight_decay=schedule.decay)
    )


def _drawn(
    students: Sequence[Student], examples: Examples, views: Views, schedule: Schedule, *, epoch: int, steps: int
) -> Drawn:
    """The draws of an epoch of so many steps."""
    shape = (steps, schedule.batch)
    clips, seen = [], []
    for student in students:
        rng = np.random.default_rng([*student.seed, epoch])
        order = examples.epoch(rng, np.flatnonzero(student.views), steps * schedule.batch, student.shares)
        clips.append(order.reshape(shape))
        seen.append(views.some(rng, order, student.views[order]).reshape(shape))
    first = epoch * (schedule.draws // schedule.batch)
    chosen, heard = (jnp.asarray(np.stack(indices, axis=1)) for indices in (clips, seen))
    return Drawn(chosen, heard, first + jnp.arange(steps))


def _step(
    state: State,
    drawn: Drawn,
    *,
    network: keras.Model,
    optimizer: optax.GradientTransformation,
    schedule: Schedule,
    source: Inputs,
) -> tuple[State, Array]:
    """Learn from one batch of every student; their losses (students,)."""
    keys = jax.vmap(jax.random.fold_in, (0, None))(source.keys, drawn.number)
    inputs, known, wanted = _heard(schedule, source.material, keys, drawn)

    def loss(learned: Any) -> tuple[Array, Any]:
        logits, statistics = apply(network, state.weights._replace(learned=learned), inputs, keys)
        lost = -(wanted * jax.nn.log_softmax(logits[:, None] - APART * (1 - known))).sum(axis=(1, 3)).mean(axis=-1)
        return lost.sum(), (lost, statistics)

    slopes, (lost, statistics) = jax.grad(loss, has_aux=True)(state.weights.learned)
    changes, steps = jax.vmap(optimizer.update)(slopes, state.steps, state.weights.learned)
    learned = optax.apply_updates(state.weights.learned, changes)
    share = jnp.maximum(1 - schedule.average, 9 / (11 + drawn.number))  # at first, the mean is of few
    mean = optax.incremental_update(learned, state.mean, share)
    return State(Weights(learned, statistics), steps, mean), lost


def _settled(
    weights: Weights, drawn: Drawn, *, network: keras.Model, schedule: Schedule, source: Inputs
) -> tuple[Weights, None]:
    keys = jax.vmap(jax.random.fold_in, (0, None))(source.keys, drawn.number)
    inputs, _, _ = _heard(schedule, source.material, keys, drawn)
    return Weights(weights.learned, apply(network, weights, inputs, keys)[1]), None


def _heard(schedule: Schedule, material: TrainingArrays, keys: Array, drawn: Drawn) -> tuple[Array, ...]:
    """The batch of every student."""
    axes = TrainingArrays(None, None, None, None if material.taught is None else 0)
    every: tuple[Array, ...] = jax.vmap(partial(batch, schedule), (axes, 0, 0, 0))(
        material, keys, drawn.clips, drawn.views
    )
    return every
