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
from model_build.recipe import THRESHOLDS
from model_build.small import fit
from model_build.small.dataset import Dataset
from model_build.small.examples import Examples
from model_build.small.experiment import Experiment
from model_build.teacher.hints import hints, place
from serd.contract import write_model
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
    examples = Examples.make(clips)
    said = (
        _standard(hints(examples.clips, place(data), say))
        if recipe.schedule.hint
        else np.zeros((len(examples.clips), 0))
    )
    material = fit.Material(examples, [clip.rows for clip in dataset.noises], front_end, said.astype(np.float32))
    losses = fit.train(model, material, recipe.schedule, experiment.seed, say=say, check=check)
    with cache.replacing(kept) as written:
        model.save_weights(written)
    return Trained(model, losses)


def temperature(experiment: Experiment, dataset: Dataset, data: Path, say: Say, check: Check) -> float:
    """What makes the published probabilities true on the inner split's test, by a network that has not heard it."""
    twin = experiment.twin
    clips, held = dataset.split(twin)
    kept = _place(twin, clips, dataset.noises) / "temperature"
    try:
        return float(kept.read_text())
    except (OSError, ValueError):
        model = trained(twin, dataset, data, say, check).model
    front_end, smoothing_s = twin.recipe.front_end, THRESHOLDS["smoothing_s"]
    trial = Trial.make(held, front_end, twin.recipe.labels)
    found = round(calibrate(trial, KerasScorer(model), front_end, smoothing_s), 4)
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
        for kept in cache.folder("training").glob(f"{own.key}-*"):
            shutil.rmtree(kept)


def _standard(said: Rows) -> Rows:
    """Each number of the embedding with mean 0 and deviation 1 over these examples."""
    spread: Rows = (said - said.mean(axis=0)) / (said.std(axis=0) + np.float32(1e-3))
    return spread


def _place(experiment: Experiment, clips: list[Clip], noises: tuple[Clip, ...]) -> Path:
    """Where an experiment keeps what it made of these very recordings."""
    heard = cache.key([own.digest for own in (*clips, *noises)])
    return cache.folder("training") / f"{experiment.key}-{heard}"
