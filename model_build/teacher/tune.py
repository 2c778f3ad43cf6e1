"""The teacher tuned to clips with labels, and what it then says of any clips.

All its weights are trained: AdamW in one cycle (Smith & Topin 2018), mixup (Zhang et al. 2018), masks over time and
bands (SpecAugment, Park et al. 2019), label smoothing (Szegedy et al. 2016). All randomness follows from the seed:
on one thread of a processor a tuning repeats bit for bit. The last epoch's weights count; none is chosen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.masks import masked
from model_build.metrics import Labels
from model_build.teacher import weights
from model_build.teacher.mels import FRAMES, Mel, Starts, crops, drawn, spread
from model_build.teacher.network import network
from serd.decision import LEAST
from serd.errors import UsageError
from serd.frontend import Rows
from serd.model import softmax

BATCH = 64
"""Crops that are asked about at once."""
VIEWS = 3

Said = NDArray[np.float16]


@dataclass(frozen=True)
class Settings:
    """How the teacher is tuned."""

    epochs: int = 30
    batch: int = 32
    rate: float = 1e-3
    """The highest of the cycle."""
    decay: float = 0.01
    mixup: float = 0.3
    """Both parameters of the beta distribution; 0 mixes nothing."""
    smoothing: float = 0.1
    masks: int = 2
    """Over time, and as many over bands."""
    mask_frames: int = 32
    mask_bands: int = 16
    """The widest that a mask can be."""
    hidden: bool = True
    """Keep AudioSet's layer of 512 between embedding and labels."""


DEFAULTS = Settings()


@dataclass(frozen=True, eq=False)
class Tuned:
    """A teacher that knows our labels."""

    model: keras.Model
    losses: tuple[float, ...]
    """Mean training loss of each epoch, on mixed and masked crops."""

    def views(self, mels: Sequence[Mel], count: int = VIEWS) -> Said:
        """Logits of `count` crops spread over each clip: (n, count, labels)."""
        return self.at(mels, spread(mels, count))

    def at(self, mels: Sequence[Mel], starts: Starts) -> Said:
        """Logits of the crops of each clip that begin at its starts (n, count), in frames of 10 ms."""
        starts = np.asarray(starts, np.intp)
        which, where = np.repeat(np.arange(len(mels)), starts.shape[1]), starts.ravel()
        said = np.zeros((len(which), self.model.output_shape[-1]), np.float16)
        for at in range(0, len(which), BATCH):
            part = slice(at, at + BATCH)
            inputs = crops([mels[k] for k in which[part]], where[part])[..., np.newaxis]
            said[part] = keras.ops.convert_to_numpy(self.model.predict_on_batch(inputs))
        return said.reshape(*starts.shape, -1)


def mean(said: Said) -> Rows:
    """Mean log-probability over the views (n, count, labels) -> (n, labels), which are logits again."""
    logs = np.log(np.maximum(softmax(said.astype(np.float32)), LEAST))
    clipwise: Rows = logs.mean(axis=1, dtype=np.float32)
    return clipwise


def tune(
    examples: Sequence[Mel],
    truth: Labels,
    labels: int,
    teacher: Mapping[str, weights.Array],
    *,
    seed: int,
    settings: Settings = DEFAULTS,
    check: Callable[[], None] = lambda: None,
) -> Tuned:
    """Tune the teacher's arrays to the clips' labels (n,), calling `check` before each batch.

    Batches are whole: what an epoch's order leaves over is left out. Raises UsageError if clips and labels do not fit.
    """
    if not len(examples) or len(truth) != len(examples) or not 0 <= truth.min() <= truth.max() < labels:
        raise UsageError(f"{len(examples)} clips and {len(truth)} labels below {labels}: a clip has one label each")
    keras.utils.set_random_seed(seed)
    model = network(labels, hidden=settings.hidden, frames=FRAMES)
    weights.load(model, teacher)
    optimizer = keras.optimizers.AdamW(settings.rate, weight_decay=settings.decay)
    optimizer.build(model.trainable_variables)  # or the first step would be traced twice
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, jit_compile=False)  # compiled by XLA, a step on a processor takes ten times as long
    wanted = smoothed(truth, labels, settings.smoothing)
    size = min(settings.batch, len(examples))
    steps = len(examples) // size
    losses = []
    for epoch in range(settings.epochs):
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(len(examples))
        total = 0.0
        for step in range(steps):
            check()
            chosen = order[step * size : (step + 1) * size]
            own = [examples[k] for k in chosen]
            inputs, targets = mixed(rng, crops(own, drawn(rng, own)), wanted[chosen], settings.mixup)
            optimizer.learning_rate = one_cycle(epoch * steps + step, settings.epochs * steps, settings.rate)
            model.reset_metrics()
            holed = masked(rng, inputs, settings.masks, settings.mask_frames, settings.mask_bands)
            came_to = model.train_on_batch(holed[..., np.newaxis], targets)
            total += float(np.asarray(came_to).ravel()[0])
        losses.append(total / steps)
    return Tuned(model, tuple(losses))


def one_cycle(step: int, steps: int, rate: float) -> float:
    """Learning rate of a step: from rate / 25 up in 30 % of the steps, then down to nearly nothing, as cosines."""
    top, last = max(1.0, 0.3 * steps - 1), max(2.0, steps - 1.0)
    if step < top:
        low, high, part = rate / 25, rate, step / top
    else:
        low, high, part = rate / 25e4, rate, 1 - (step - top) / max(1.0, last - top)
    return low + (high - low) * (1 - math.cos(math.pi * part)) / 2


def smoothed(truth: Labels, labels: int, share: float) -> Rows:
    """One-hot (n, labels), of which a share is spread over all labels alike."""
    wanted: Rows = (np.eye(labels) * (1 - share) + share / labels).astype(np.float32)[truth]
    return wanted


def mixed(rng: Generator, inputs: Rows, targets: Rows, strength: float) -> tuple[Rows, Rows]:
    """Each crop (n, frames, bands) with a share of another of the batch, and the targets (n, labels) alike."""
    if not strength:
        return inputs, targets
    other = rng.permutation(len(inputs))
    share = rng.beta(strength, strength, len(inputs)).astype(np.float32)
    share = np.maximum(share, 1 - share)[:, np.newaxis]
    blend = share[..., np.newaxis]
    return blend * inputs + (1 - blend) * inputs[other], share * targets + (1 - share) * targets[other]
