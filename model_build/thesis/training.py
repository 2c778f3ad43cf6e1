"""Training: seeded, with progress, and resumed where it was interrupted.

All randomness of an epoch follows from the seed and the epoch's number, so a run that was interrupted
and resumed does what it would have done anyway.
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.clips.features import Clip
from model_build.clips.windows import draw_windows
from model_build.evaluation.offline import PLAIN, KerasScorer, Windowed, truths
from model_build.files.progress import Say, silent
from model_build.networks.architectures import NETWORKS
from model_build.statistics.metrics import figures, log_loss
from model_build.thesis.plan import Plan, ThesisRecipe
from serd.inference.frontend import Rows
from serd.inference.model import softmax


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to."""

    loss: float
    """Mean training loss."""
    accuracy: float
    """Share of validation clips answered rightly."""
    log_loss: float
    """Mean log-loss of validation clips."""


@dataclass(frozen=True)
class BestEpoch:
    """A network with the weights of its best epoch."""

    model: keras.Model
    history: tuple[Epoch, ...]
    best: int
    """Index of the epoch with the lowest validation log-loss."""


def train(
    recipe: ThesisRecipe,
    clips: Sequence[Clip],
    validation: Sequence[Clip],
    *,
    seed: int,
    place: Path,
    say: Say = silent,
) -> BestEpoch:
    """Train a recipe's network; checkpoints are kept in `place` after each epoch and removed by `forget`."""
    front_end, labels, plan = recipe.front_end, recipe.labels, recipe.plan
    held = Windowed.make(validation, front_end, labels)
    truth = np.eye(len(labels), dtype=np.float32)[truths(clips, labels)]
    steps = -(-len(clips) * plan.draws // plan.batch)
    state = _State.resume(place)
    if state is None:
        network = NETWORKS[recipe.network](front_end.rows, front_end.bands.count, len(labels))
        state = _State.begin(network, plan, seed, steps)
    elif state.history:
        say(f"resuming after epoch {len(state.history)}")
    model, history = state.model, list(state.history)
    for number in range(len(history), plan.epochs):
        began = time.monotonic()
        loss = _epoch(model, clips, truth, recipe, _Moment(seed, number))
        probabilities = held.by_clip(softmax(KerasScorer(model).logits(held.windows.inputs)), PLAIN)
        accuracy = figures(held.truth, probabilities.argmax(axis=1), len(labels)).accuracy
        history.append(Epoch(loss, accuracy, log_loss(held.truth, probabilities)))
        best = _best(history)
        _State(model, tuple(history)).save(place, improved=best == number)
        took = time.monotonic() - began
        say(
            f"epoch {number + 1}/{plan.epochs}: loss {loss:.3f}, validation accuracy {accuracy:.3f}, "
            f"log-loss {history[-1].log_loss:.3f}{' (best)' if best == number else ''}, {took:.1f} s, "
            f"{took * (plan.epochs - number - 1) / 60:.1f} min left"
        )
    model.load_weights(place / BEST)
    return BestEpoch(model, tuple(history), _best(history))


def forget(place: Path) -> None:
    """Remove the checkpoints of a finished training."""
    shutil.rmtree(place, ignore_errors=True)


LAST, BEST = "last", "best.weights.h5"


@dataclass(frozen=True)
class _State:
    """A training between two epochs."""

    model: keras.Model
    history: tuple[Epoch, ...]

    @classmethod
    def begin(cls, model: keras.Model, plan: Plan, seed: int, steps: int) -> _State:
        for k, layer in enumerate(model.layers):  # the initial weights follow from the seed alone
            for name in ("kernel", "recurrent_kernel"):
                kernel = getattr(layer, name, None)
                if kernel is not None:
                    initializer = layer.recurrent_initializer if "recurrent" in name else layer.kernel_initializer
                    fresh = initializer.__class__(**{**initializer.get_config(), "seed": 1000 * seed + k})
                    kernel.assign(fresh(kernel.shape))
        rate = keras.optimizers.schedules.CosineDecay(plan.rate, plan.epochs * steps)
        model.compile(
            optimizer=keras.optimizers.Adam(rate), loss=keras.losses.CategoricalCrossentropy(from_logits=True)
        )
        return cls(model, ())

    @classmethod
    def resume(cls, place: Path) -> _State | None:
        """The last whole checkpoint, if there is one that can be read."""
        for folder in sorted(place.glob(f"{LAST}-*"), reverse=True):
            try:
                history = json.loads((folder / "history.json").read_text())
                model = keras.models.load_model(folder / "model.keras")
                return cls(model, tuple(Epoch(**epoch) for epoch in history))
            except (OSError, ValueError, TypeError):
                continue
        return None

    def save(self, place: Path, improved: bool) -> None:
        """Keep this state, and then let go of the ones before it: there is always a whole one."""
        place.mkdir(parents=True, exist_ok=True)
        if improved:
            self.model.save_weights(place / f"new.{BEST}")
            (place / f"new.{BEST}").replace(place / BEST)
        folder = place / f"{LAST}-{len(self.history):04}"
        unfinished = place / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        self.model.save(unfinished / "model.keras")
        (unfinished / "history.json").write_text(json.dumps([vars(epoch) for epoch in self.history]))
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
        for older in place.glob(f"{LAST}-*"):
            if older != folder:
                shutil.rmtree(older)


def _best(history: Sequence[Epoch]) -> int:
    return min(range(len(history)), key=lambda k: history[k].log_loss)


@dataclass(frozen=True)
class _Moment:
    seed: int
    epoch: int


def _epoch(
    model: keras.Model, clips: Sequence[Clip], truth: NDArray[np.float32], recipe: ThesisRecipe, moment: _Moment
) -> float:
    plan = recipe.plan
    rng = np.random.default_rng([moment.seed, moment.epoch])
    for k, layer in enumerate(model.layers):
        if hasattr(layer, "seed_generator"):  # dropout
            layer.seed_generator.state.assign([1000 * moment.seed + k, moment.epoch])
    order = np.concatenate([rng.permutation(len(clips)) for _ in range(plan.draws)])
    batches = [order[start : start + plan.batch] for start in range(0, len(order), plan.batch)]
    losses = []
    for chosen in batches:
        inputs = augmented(rng, draw_windows(rng, [clips[k] for k in chosen], recipe.front_end), plan)
        model.reset_metrics()
        loss = model.train_on_batch(inputs[..., np.newaxis], truth[chosen])
        losses.append(float(np.asarray(loss).ravel()[0]) * len(chosen))
    return float(sum(losses) / len(order))


def augmented(rng: Generator, windows: Rows, plan: Plan) -> Rows:
    """Windows (n, rows, bands) as another microphone might have given them, with holes; still in [0, 1]."""
    n, rows, bands = windows.shape
    slope = rng.normal(0, plan.tilt, (n, 1, 1)).astype(np.float32) * np.linspace(-1, 1, bands, dtype=np.float32)
    bent = np.where(windows > 0, np.clip(windows + slope, 0, 1), np.float32(0))
    return masked(rng, bent, plan.masks, rows // 6, bands // 6)


def masked(rng: Generator, windows: Rows, stripes: int, rows: int, bands: int) -> Rows:
    """A copy of windows (n, rows, bands) with so many stripes of time, and of frequency, at 0 in each.

    A stripe is at most `rows` high, or `bands` wide.
    """
    holed = np.array(windows)
    for window in holed:
        for _ in range(stripes):
            height, width = rng.integers(0, rows + 1), rng.integers(0, bands + 1)
            top = rng.integers(0, window.shape[0] - height + 1)
            left = rng.integers(0, window.shape[1] - width + 1)
            window[top : top + height] = 0
            window[:, left : left + width] = 0
    return holed
