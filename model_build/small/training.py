"""An experiment's network: trained once, kept below the cache folder, and brought to a model file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from model_build import cache, export
from model_build.evaluation import KerasScorer, Trial, calibrate
from model_build.features import Clip
from model_build.networks import NETWORKS
from model_build.quantize import quantize
from model_build.small import fit
from model_build.small.dataset import Dataset
from model_build.small.examples import Examples
from model_build.small.experiment import FORM, Experiment
from model_build.small.schedule import Schedule
from model_build.teacher.hints import hints, place
from serd.contract import write_model
from serd.decision import Rules
from serd.frontend import Rows

Say = Callable[[str], None]
Check = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Trained:
    """A network and what became of its training."""

    model: keras.Model
    losses: list[float]
    """By epoch; empty where the weights had been kept."""


def trained(experiment: Experiment, dataset: Dataset, data: Path, say: Say, check: Check) -> Trained:
    """Train the experiment's network, unless its weights are kept from an earlier time.

    `data` is the folder of the corpora, beside which a teacher is looked for. Raises UsageError.
    """
    recipe = experiment.recipe
    clips, _ = dataset.split(experiment)
    keras.backend.clear_session()
    keras.utils.set_random_seed(experiment.seed)
    front_end = recipe.front_end
    model = NETWORKS[recipe.network](front_end.rows, front_end.bands.count, len(recipe.labels), **dict(recipe.variant))
    kept = _place(experiment, clips, dataset.noises) / "last.weights.h5"
    if kept.is_file():
        say(f"{experiment.name}: trained before; its weights are in {kept}")
        model.load_weights(kept)
        return Trained(model, [])
    around = _Around(experiment, dataset, data, say, check)
    if recipe.primer is not None:
        _prime(model, recipe.primer, around)
    losses = _learn(model, clips, recipe.schedule, around)
    with cache.replacing(kept) as written:
        model.save_weights(written)
    return Trained(model, losses)


@dataclass(frozen=True, eq=False)
class _Around:
    """What a network is trained for and with."""

    experiment: Experiment
    dataset: Dataset
    data: Path
    say: Say
    check: Check


def _prime(model: keras.Model, primer: Schedule, around: _Around) -> None:
    """Let the network learn from corpora without a speaker who ever tests; all folds begin with what it then knows.

    Its last layer starts anew: it knows labels, and those are not the same. Nothing happens without such corpora.
    """
    experiment, noises = around.experiment, around.dataset.noises
    clips = [clip for clip in around.dataset.clips if clip.utterance.corpus in dict(primer.shares)]
    if not clips:
        return
    recipe = experiment.recipe
    what = cache.key(FORM, recipe.network, recipe.variant, recipe.front_end, primer, experiment.seed)
    kept = _folder(f"primer-{what}", clips, noises) / "last.weights.h5"
    if kept.is_file():
        model.load_weights(kept)
    else:
        around.say(f"{experiment.name}: primed on {len(clips)} clips of {', '.join(dict(primer.shares))}")
        _learn(model, clips, primer, around)
        with cache.replacing(kept) as written:
            model.save_weights(written)
    last = model.layers[-1]
    last.set_weights([np.zeros_like(own) for own in last.get_weights()])
    keras.utils.set_random_seed(experiment.seed)  # whether it was primed now or before


def _learn(model: keras.Model, clips: list[Clip], schedule: Schedule, around: _Around) -> list[float]:
    """Train the network on clips, with an untuned teacher's hints where the schedule asks for them; losses by epoch."""
    examples = Examples.make(clips)
    told = np.zeros((len(examples.clips), 0), np.float32)
    if schedule.hint:
        told = _standard(hints(examples.clips, place(around.data), around.say)).astype(np.float32)
    noises = [clip.rows for clip in around.dataset.noises]
    material = fit.Material(examples, noises, around.experiment.recipe.front_end, told)
    return fit.train(model, material, schedule, around.experiment.seed, say=around.say, check=around.check)


def temperature(experiment: Experiment, dataset: Dataset, data: Path, say: Say, check: Check) -> float:
    """What makes the published probabilities true on the inner split's test, by a network that has not heard it."""
    twin = experiment.twin
    clips, held = dataset.split(twin)
    kept = _place(twin, clips, dataset.noises) / f"temperature-{cache.key(twin.recipe.rules)}"
    try:
        return float(kept.read_text())
    except (OSError, ValueError):
        model = trained(twin, dataset, data, say, check).model
    front_end = twin.recipe.front_end
    trial = Trial.make(held, front_end, twin.recipe.labels)
    found = round(calibrate(trial, KerasScorer(model), front_end, Rules.make(twin.recipe.thresholds)), 4)
    with cache.replacing(kept) as written:
        written.write_text(f"{found}\n")
    return found


def write(experiment: Experiment, dataset: Dataset, model: keras.Model, temperature: float, folder: Path) -> Path:
    """Quantize, and write the model file with its contract; its path."""
    recipe = experiment.recipe
    clips, _ = dataset.split(experiment)
    quantized = quantize(model, export.representatives(clips, recipe.front_end, experiment.seed))
    notes = {"protocol": experiment.name, "seed": str(experiment.seed), "recipe": experiment.key}
    contract = export.contract(recipe, quantized, temperature, [*clips, *dataset.noises], notes)
    path = folder / f"{recipe.name}.tflite"
    with cache.replacing(path) as written:
        write_model(written, quantized.network, contract)
    return path


def forget(experiment: Experiment) -> None:
    """Remove what is kept of an experiment and its inner split."""
    for own in (experiment, experiment.twin):
        for kept in cache.folder("training").glob(f"{own.lesson}-*"):
            shutil.rmtree(kept)


def _standard(said: Rows) -> Rows:
    """Each number of the embedding with mean 0 and deviation 1 over these examples."""
    spread: Rows = (said - said.mean(axis=0)) / (said.std(axis=0) + np.float32(1e-3))
    return spread


def _place(experiment: Experiment, clips: list[Clip], noises: tuple[Clip, ...]) -> Path:
    """Where an experiment keeps what it made of these very recordings."""
    return _folder(experiment.lesson, clips, noises)


def _folder(name: str, clips: list[Clip], noises: tuple[Clip, ...]) -> Path:
    heard = cache.key([own.digest for own in (*clips, *noises)])
    return cache.folder("training") / f"{name}-{heard}"
