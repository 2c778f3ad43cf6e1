"""How a network of the study is trained, and asked.

The seed fixes initial weights and dropout (`keras.utils.set_random_seed`), and all else that is random follows
from seed and epoch: on one thread of a processor a training repeats bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import NDArray

from model_build.experiments.splits import Split
from model_build.files.progress import Check, never
from model_build.statistics.metrics import Labels, log_loss
from model_build.thesis.experiment import ThesisSchedule
from model_build.thesis.inputs import Inputs, Standard
from serd.inference.decision import LEAST
from serd.inference.frontend import Rows
from serd.inference.model import softmax

BATCH = 256

Score = Callable[[Rows], Rows]
"""Inputs (n, rows, bands, 1) -> logits (n, labels)."""


@dataclass(frozen=True, eq=False)
class Data:
    """What a network is trained on."""

    examples: Inputs
    standard: Standard
    truth: Labels
    split: Split


@dataclass(frozen=True)
class History:
    """How a training went."""

    history: dict[str, list[float]]
    best: int
    """Index of the epoch whose weights the network has now."""


def train(model: keras.Model, data: Data, schedule: ThesisSchedule, seed: int, check: Check = never) -> History:
    """Train, calling `check` at each batch; the network ends with the weights that were best on the validation part."""
    split, truth = data.split, data.truth
    steps = -(-len(split.train) // schedule.batch)
    rate = keras.optimizers.schedules.CosineDecay(schedule.rate, schedule.epochs * steps)
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    wanted = np.eye(model.output_shape[-1], dtype=np.float32)[truth]
    held = data.standard.apply(data.examples.windows(split.validation))
    history: dict[str, list[float]] = {"loss": [], "validation_loss": [], "validation_accuracy": []}
    best, weights = 0, model.get_weights()
    for epoch in range(schedule.epochs):
        rng = np.random.default_rng([seed, epoch])
        order = rng.permutation(split.train)
        shifts = data.examples.shifts(rng, len(order), schedule.shift)
        total = 0.0
        for at in range(0, len(order), schedule.batch):
            check()
            chosen = order[at : at + schedule.batch]
            windows = data.examples.windows(chosen, shifts[at : at + schedule.batch])
            model.reset_metrics()
            loss = model.train_on_batch(data.standard.apply(windows), wanted[chosen])
            total += float(np.asarray(loss).ravel()[0]) * len(chosen)
        probabilities = softmax(logits(model, held))
        validation_truth = truth[split.validation]
        history["loss"].append(round(total / len(order), 4))
        history["validation_loss"].append(round(log_loss(validation_truth, probabilities), 4))
        right = probabilities.argmax(axis=1) == validation_truth
        history["validation_accuracy"].append(round(float(right.mean()), 4))
        if _better(history, epoch, best):
            best, weights = epoch, model.get_weights()
    model.set_weights(weights)
    return History(history, best)


def logits(model: keras.Model, inputs: Rows) -> Rows:
    """(n, rows, bands, 1) -> (n, labels)."""
    answers: Rows = np.concatenate(
        [np.asarray(keras.ops.convert_to_numpy(model.predict_on_batch(part))) for part in _parts(inputs)]
    )
    return answers


def score_views(
    score: Score, examples: Inputs, standard: Standard, chosen: NDArray[np.intp], views: Sequence[int]
) -> Rows:
    """Mean log-probability of each clip over its windows (n, labels), which are logits again."""
    each = []
    for view in views:
        answers = score(standard.apply(examples.windows(chosen, np.full(len(chosen), view))))
        each.append(np.log(np.maximum(softmax(answers), LEAST)))
    mean: Rows = np.mean(each, axis=0, dtype=np.float32)
    return mean


def quantized_scorer(model: keras.Model, representative: Rows) -> Score:
    """The int8 network, run by the daemon's interpreter. Needs TensorFlow."""
    from model_build.networks.quantize import quantize
    from serd.inference.interpreter import make_interpreter

    quantized = quantize(model, representative[..., 0])
    interpreter = make_interpreter(quantized.network)
    source, sink = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    into, out = quantized.input, quantized.output

    def score(inputs: Rows) -> Rows:
        answers = []
        for window in inputs:
            whole = np.clip(np.rint(window / into.scale) + into.zero_point, -128, 127).astype(np.int8)
            interpreter.set_tensor(source, whole[np.newaxis])
            interpreter.invoke()
            answers.append((interpreter.get_tensor(sink)[0].astype(np.float32) - out.zero_point) * out.scale)
        return np.stack(answers).astype(np.float32)

    return score


def _better(history: dict[str, list[float]], epoch: int, best: int) -> bool:
    """More right answers on the validation part; of equals the surer."""
    right, loss = history["validation_accuracy"], history["validation_loss"]
    return (right[epoch], -loss[epoch]) > (right[best], -loss[best])


def _parts(inputs: Rows) -> list[Rows]:
    return [inputs[at : at + BATCH] for at in range(0, len(inputs), BATCH)]
