"""Experiments' networks: trained once, side by side, kept below the cache folder, and brought to model files."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

from model_build import cache, export
from model_build.evaluation import KerasScorer, Trial, calibrate
from model_build.networks import NETWORKS, towers
from model_build.quantize import quantize
from model_build.small.dataset import Dataset
from model_build.small.examples import Examples
from model_build.small.experiment import Experiment
from model_build.small.views import Views, needed
from serd.inference.contract import write_model
from serd.inference.decision import Rules

Say = Callable[[str], None]
Check = Callable[[], None]


@dataclass(frozen=True)
class Course:
    """How a training went."""

    losses: list[float]
    """By epoch, the mean of the network's towers."""
    device: str
    beside: int
    """Networks of this shape that trained at the same time, this one's towers included."""
    wall_s: float
    """For all of them, views drawn and programs compiled."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A network and what became of its training."""

    model: keras.Model
    course: Course


def trained(
    experiments: Sequence[Experiment], dataset: Dataset, say: Say, check: Check = lambda: None
) -> list[Trained]:
    """The networks of experiments with one recipe. Raises UsageError for too few clips."""
    together(experiments, dataset, say, check)
    found = []
    for own in experiments:
        model, kept = _untrained(own), _kept(own, dataset)
        model.load_weights(kept)
        found.append(Trained(model, Course(**json.loads(_course(kept).read_text(encoding="utf-8")))))
    return found


def together(
    experiments: Sequence[Experiment],
    dataset: Dataset,
    say: Say,
    check: Check = lambda: None,
    seen: Views | None = None,
) -> None:
    """Train the networks of experiments side by side, but for those kept from an earlier time.

    Their recipes may differ in the corpora and their shares. `seen`: the views of all the dataset's clips, where they
    have been drawn. Raises UsageError for too few clips.
    """
    experiments = [own for own in experiments if not known(own, dataset)]
    if not experiments:
        return
    import jax  # after the backend's set-up, and for training alone

    from model_build.small import fit

    began, recipe = time.monotonic(), experiments[0].recipe
    keras.backend.clear_session()
    teachers = [teacher for own in experiments if (teacher := own.teacher) is not None]
    taught = [network.model for network in trained(teachers, dataset, say, check)]
    examples = Examples.make(dataset.clips)
    place = {clip.digest: k for k, clip in enumerate(examples.clips)}
    models, pupils = [], list[fit.Pupil]()
    for own in experiments:
        models.append(_untrained(own))
        heard = np.array(sorted(place[clip.digest] for clip in dataset.split(own)[0] if clip.digest in place), np.intp)
        count, shares = needed(examples, heard, own.recipe.schedule), dict(own.recipe.schedule.shares)
        pupils += [fit.Pupil(tower, count, shares, (own.seed, k)) for k, tower in enumerate(towers(models[-1]))]
    most = np.max([pupil.views for pupil in pupils], axis=0)
    say(f"{', '.join(own.name for own in experiments)}: {len(pupils)} networks learn from {(most > 0).sum()} clips")
    if seen is None:
        noises = [clip.rows for clip in dataset.noises]
        seen = Views.draw(examples.clips, most, noises, recipe.front_end, recipe.schedule, check=check)
    each = len(pupils) // len(experiments)
    if taught:
        said = fit.said(taught, examples, seen)
        pupils = [pupil._replace(taught=said[k // each]) for k, pupil in enumerate(pupils)]
    under_way = _kept(experiments[0], dataset).with_name(f"{cache.key(*(own.lesson for own in experiments))}.npz")
    losses = fit.train(pupils, examples, seen, recipe.schedule, say=say, check=check, kept=under_way)
    device = jax.devices()[0]
    took = round(time.monotonic() - began, 1)
    for k, (own, model) in enumerate(zip(experiments, models, strict=True)):
        mean = np.mean(losses[k * each : (k + 1) * each], axis=0)
        course = Course([round(float(loss), 4) for loss in mean], device.device_kind, len(pupils), took)
        kept = _kept(own, dataset)
        with cache.replacing(_course(kept)) as written:
            written.write_text(json.dumps(asdict(course)), encoding="utf-8")
        with cache.replacing(kept) as written:
            model.save_weights(written)
    under_way.unlink(missing_ok=True)


def _untrained(experiment: Experiment) -> keras.Model:
    recipe = experiment.recipe
    keras.utils.set_random_seed(experiment.seed)
    front_end = recipe.front_end
    return NETWORKS[recipe.network](front_end.rows, front_end.bands.count, len(recipe.labels), **dict(recipe.variant))


def known(experiment: Experiment, dataset: Dataset) -> bool:
    """Whether its network, trained on these very recordings, is kept."""
    return _kept(experiment, dataset).is_file()


def temperature(experiment: Experiment, dataset: Dataset, say: Say, check: Check = lambda: None) -> float:
    """What makes the published probabilities true on the inner split's test, by a network that has not heard it."""
    twin = experiment.twin
    _, held = dataset.split(twin)
    kept = _kept(twin, dataset).with_name(f"temperature-{cache.key(twin.recipe.rules)}")
    try:
        return float(kept.read_text())
    except (OSError, ValueError):
        model = trained([twin], dataset, say, check)[0].model
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


def _kept(experiment: Experiment, dataset: Dataset) -> Path:
    """Where the weights are kept of an experiment with these very recordings."""
    clips, _ = dataset.split(experiment)
    heard = cache.key([own.digest for own in (*clips, *dataset.noises)])
    return cache.folder("training") / f"{experiment.lesson}-{heard}" / "last.weights.h5"


def _course(kept: Path) -> Path:
    return kept.with_name("course.json")
