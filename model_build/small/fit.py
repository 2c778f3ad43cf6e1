"""How a default model is trained: AdamW along a cosine, mixup, one random channel a clip, averaged weights.

Everything random follows from seed and epoch. No epoch is chosen: the last one's averaged weights are the result,
so the validation speakers serve the temperature alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.features import Clip
from model_build.masks import masked
from model_build.networks import POOLED
from model_build.small.channel import changed
from model_build.small.examples import Examples
from model_build.small.experiment import HOME
from model_build.small.schedule import Schedule
from model_build.windows import cut, draw, seconds
from serd.frontend import FrontEnd, Rows

Say = Callable[[str], None]
APART = np.float32(1e4)
"""Taken off the logits of labels that a clip's corpus does not have."""


@dataclass(frozen=True, eq=False)
class Material:
    """What is learned from."""

    examples: Examples
    noises: Sequence[Rows]
    """Log rows of sounds that are not speech."""
    front_end: FrontEnd
    hints: Rows
    """What each example's embedding is to be (n, dims), standardised; (n, 0): nothing."""


class Batch(NamedTuple):
    """What one step learns from."""

    inputs: Rows
    """(n, rows, bands, 1)."""
    known: Rows
    """Which labels count (n, labels), 1 or 0."""
    wanted: Rows
    """Targets (n, labels)."""
    hints: Rows
    """(n, dims)."""


def train(
    network: keras.Model,
    material: Material,
    schedule: Schedule,
    seed: int,
    *,
    say: Say = lambda _: None,
    check: Callable[[], None] = lambda: None,
) -> list[float]:
    """Train `network` in place; the mean loss of each epoch. `check` is called at each batch and may raise."""
    steps = schedule.epochs * -(-schedule.draws // schedule.batch)
    learner = masked_learner(network, schedule, steps, material.hints.shape[1])
    losses = []
    for epoch in range(schedule.epochs):
        began, rng = time.monotonic(), np.random.default_rng([seed, epoch])
        returned = epoch >= schedule.epochs * (1 - schedule.home)
        order = material.examples.epoch(rng, schedule.draws, {HOME: 1.0} if returned else dict(schedule.shares))
        total = 0.0
        for at in range(0, len(order) - schedule.batch + 1, schedule.batch):
            check()
            own = batch(rng, material, order[at : at + schedule.batch], schedule)
            learner.reset_metrics()
            loss = learner.train_on_batch([own.inputs, own.known], [own.wanted, own.hints][: len(learner.outputs)])
            total += float(np.asarray(loss).ravel()[0]) * len(own.wanted)
        losses.append(total / len(order))
        say(f"epoch {epoch + 1}/{schedule.epochs}: loss {losses[-1]:.3f}, {time.monotonic() - began:.1f} s")
    learner.optimizer.finalize_variable_values(learner.trainable_variables)
    rng = np.random.default_rng([seed, schedule.epochs])
    for _ in range(schedule.settling):
        network(
            batch(rng, material, material.examples.epoch(rng, schedule.batch, dict(schedule.shares)), schedule).inputs,
            training=True,
        )
    return losses


def masked_learner(network: keras.Model, schedule: Schedule, steps: int, hints: int = 0) -> keras.Model:
    """The network with a second input: the labels that count (n, labels), 1 or 0. Shares the network's weights.

    With `hints`, what it pools has so many numbers of an embedding to foresee, too.
    """
    known = keras.Input(network.output_shape[1:])
    logits = keras.layers.Add()([network.output, keras.layers.Rescaling(APART, -APART)(known)])
    outputs, losses = [logits], [keras.losses.CategoricalCrossentropy(from_logits=True)]
    if hints:
        outputs.append(keras.layers.Dense(hints)(network.get_layer(POOLED).output))
        losses.append(keras.losses.MeanSquaredError())
    learner = keras.Model([network.input, known], outputs)
    warm = max(1, steps // 20)
    rate = keras.optimizers.schedules.CosineDecay(
        schedule.rate / 20, max(1, steps - warm), warmup_target=schedule.rate, warmup_steps=warm
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=schedule.decay, use_ema=True, ema_momentum=schedule.average, clipnorm=5.0
    )
    weights = [1.0, schedule.hint][: len(outputs)]
    learner.compile(jit_compile=False, optimizer=optimizer, loss=losses, loss_weights=weights)
    return learner


def batch(rng: Generator, material: Material, chosen: NDArray[np.intp], schedule: Schedule) -> Batch:
    """A random window of each of these clips, mixed with another's."""
    examples, hints = material.examples, material.hints[chosen]
    windows, heard = zip(*(window(rng, examples.clips[k], material, schedule) for k in chosen), strict=True)
    inputs = np.stack(windows)
    inputs = masked(rng, inputs, schedule.stripes, schedule.stripe_rows, schedule.stripe_bands)
    known, wanted = examples.known[chosen], examples.targets(chosen, schedule.smoothing, schedule.trust)
    doubt = schedule.doubt * (1 - np.array(heard, np.float32)[:, None])
    wanted = (1 - doubt) * wanted + doubt * known / known.sum(axis=1, keepdims=True)
    if schedule.mixup:
        share = rng.beta(schedule.mixup, schedule.mixup, len(chosen)).astype(np.float32)
        share = np.maximum(share, 1 - share)[:, None]
        other = rng.permutation(len(chosen))
        inputs = share[..., None] * inputs + (1 - share[..., None]) * inputs[other]
        wanted = share * wanted + (1 - share) * wanted[other]
        hints = share * hints + (1 - share) * hints[other]
        known = known | known[other]
    return Batch(inputs[..., np.newaxis], known.astype(np.float32), wanted, hints)


def window(rng: Generator, clip: Clip, material: Material, schedule: Schedule) -> tuple[Rows, float]:
    """One random window of a clip as another channel would have given it: (rows, bands) in [0, 1].

    Beside it, the share of the clip's speech that the window holds, or of as much as it could.
    """
    front_end = material.front_end
    spoken = np.flatnonzero(clip.spoken)
    if len(spoken) and rng.random() < schedule.whole:
        latest = int(spoken[-1]) + seconds(0.5, front_end)
        end = int(rng.integers(min(int(spoken[0]) + front_end.rows, int(spoken[-1]) + 1), latest + 1))
    else:
        end = draw(rng, clip, front_end)
    past = max(0, end - front_end.rows - front_end.rows // 4)  # rooms and pace need rows before the window's first
    rows = clip.rows[past : min(end, len(clip.rows))]
    if not len(rows):
        return cut(clip, len(clip.rows), front_end), 1.0
    held = int(((spoken >= end - front_end.rows) & (spoken < end)).sum())
    share = held / max(1, min(len(spoken), front_end.rows))
    return front_end.scale(changed(rng, rows, material.noises, front_end, schedule.channel)), share
