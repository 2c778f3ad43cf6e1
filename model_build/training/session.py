"""Experiments' networks: trained once, side by side, kept below the cache folder, and brought to model files."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import keras
import numpy as np

from model_build.evaluation.offline import KerasScorer, Windowed, calibrate
from model_build.experiments.dataset import Dataset
from model_build.experiments.experiment import Experiment
from model_build.files import cache
from model_build.files.progress import Check, Say, never
from model_build.networks import export
from model_build.networks.architectures import NETWORKS, towers
from model_build.networks.quantize import quantize
from model_build.training.examples import Examples
from model_build.training.views import Views, views_needed
from serd.inference.contract import write_model
from serd.inference.decision import Rules


@dataclass(frozen=True)
class Course:
    """How a training went."""

    losses: list[float]
    """Mean loss of the network's towers, by epoch."""
    device: str
    beside: int
    """Networks of this shape that trained at the same time, this one's towers included."""
    wall_s: float
    """Seconds for all of them, views drawn and programs compiled."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A network and what became of its training."""

    model: keras.Model
    course: Course


def trained_networks(
    experiments: Sequence[Experiment], dataset: Dataset, say: Say, check: Check = never
) -> list[Trained]:
    """The networks of experiments with one recipe. Raises UsageError for too few clips."""
    train_together(experiments, dataset, say, check)
    networks = []
    for experiment in experiments:
        model, kept = _untrained(experiment), _kept(experiment, dataset)
        model.load_weights(kept)
        networks.append(Trained(model, Course(**json.loads(_course(kept).read_text(encoding="utf-8")))))
    return networks


def train_together(
    experiments: Sequence[Experiment],
    dataset: Dataset,
    say: Say,
    check: Check = never,
    seen: Views | None = None,
) -> None:
    """Train the networks of experiments side by side, but for those kept from an earlier time.

    Their recipes may differ in the corpora and their shares. `seen`: the views of all the dataset's clips, where they
    have been drawn. Raises UsageError for too few clips.
    """
    experiments = [experiment for experiment in experiments if not is_trained(experiment, dataset)]
    if not experiments:
        return
    import jax  # after the backend's set-up, and for training alone

    from model_build.training import fit

    began, recipe = time.monotonic(), experiments[0].recipe
    keras.backend.clear_session()
    teachers = [teacher for experiment in experiments if (teacher := experiment.teacher) is not None]
    taught = [network.model for network in trained_networks(teachers, dataset, say, check)]
    examples = Examples.make(dataset.clips)
    place = {clip.digest: k for k, clip in enumerate(examples.clips)}
    models, students = [], list[fit.Student]()
    for experiment in experiments:
        models.append(_untrained(experiment))
        trains, schedule = dataset.split(experiment)[0], experiment.recipe.schedule
        heard = np.array(sorted(place[clip.digest] for clip in trains if clip.digest in place), np.intp)
        count, shares, seed = views_needed(examples, heard, schedule), dict(schedule.shares), experiment.seed
        students += [fit.Student(tower, count, shares, (seed, k)) for k, tower in enumerate(towers(models[-1]))]
    most = np.max([student.views for student in students], axis=0)
    names = ", ".join(experiment.name for experiment in experiments)
    say(f"{names}: {len(students)} networks learn from {(most > 0).sum()} clips")
    if seen is None:
        noises = [clip.rows for clip in dataset.noises]
        seen = Views.draw(examples.clips, most, noises, recipe.front_end, recipe.schedule, check=check)
    each = len(students) // len(experiments)
    if taught:
        soft = fit.soft_labels(taught, examples, seen)
        students = [student._replace(taught=soft[k // each]) for k, student in enumerate(students)]
    together = cache.key(*(experiment.training_key for experiment in experiments))
    under_way = _kept(experiments[0], dataset).with_name(f"{together}.npz")
    losses = fit.train(students, examples, seen, recipe.schedule, say=say, check=check, kept=under_way)
    device = jax.devices()[0]
    took = round(time.monotonic() - began, 1)
    for k, (experiment, model) in enumerate(zip(experiments, models, strict=True)):
        mean = np.mean(losses[k * each : (k + 1) * each], axis=0)
        course = Course([round(float(loss), 4) for loss in mean], device.device_kind, len(students), took)
        kept = _kept(experiment, dataset)
        with cache.replacing(_course(kept)) as written:
            written.write_text(json.dumps(asdict(course)), encoding="utf-8")
        with cache.replacing(kept) as written:
            model.save_weights(written)
    under_way.unlink(missing_ok=True)


def _untrained(experiment: Experiment) -> keras.Model:
    recipe = experiment.recipe
    keras.utils.set_random_seed(experiment.seed)
    front_end = recipe.front_end
    return NETWORKS[recipe.network](front_end.rows, front_end.columns, len(recipe.labels), **dict(recipe.variant))


def is_trained(experiment: Experiment, dataset: Dataset) -> bool:
    """Whether its network, trained on these very recordings, is kept."""
    return _kept(experiment, dataset).is_file()


def temperature(experiment: Experiment, dataset: Dataset, say: Say, check: Check = never) -> float:
    """What makes the published probabilities true on the inner split's test, by a network that has not heard it."""
    inner = experiment.calibration_split
    _, held = dataset.split(inner)
    kept = _kept(inner, dataset).with_name(f"temperature-{cache.key(inner.recipe.rules)}")
    try:
        return float(kept.read_text())
    except (OSError, ValueError):
        model = trained_networks([inner], dataset, say, check)[0].model
    front_end = inner.recipe.front_end
    trial = Windowed.make(held, front_end, inner.recipe.labels)
    divisor = round(calibrate(trial, KerasScorer(model), front_end, Rules.make(inner.recipe.thresholds)), 4)
    with cache.replacing(kept) as written:
        written.write_text(f"{divisor}\n")
    return divisor


def write_model_file(
    experiment: Experiment, dataset: Dataset, model: keras.Model, temperature: float, folder: Path
) -> Path:
    """Quantize, and write the model file with its contract; its path."""
    recipe = experiment.recipe
    clips, _ = dataset.split(experiment)
    quantized = quantize(model, export.representatives(clips, recipe.front_end, experiment.seed))
    notes = {"protocol": experiment.name, "seed": str(experiment.seed), "recipe": experiment.key}
    utterances = [clip.utterance for clip in (*clips, *dataset.noises)]
    contract = export.contract(recipe, temperature, utterances, notes, quantized=quantized)
    path = folder / f"{recipe.name}.tflite"
    with cache.replacing(path) as written:
        write_model(written, quantized.network, contract)
    return path


def forget(experiment: Experiment) -> None:
    """Remove what is kept of an experiment and its inner split."""
    for trained in (experiment, experiment.calibration_split):
        for kept in cache.folder("training").glob(f"{trained.training_key}-*"):
            shutil.rmtree(kept)


def _kept(experiment: Experiment, dataset: Dataset) -> Path:
    """Where the weights are kept of an experiment with these very recordings."""
    clips, _ = dataset.split(experiment)
    heard = cache.key([clip.digest for clip in (*clips, *dataset.noises)])
    return cache.folder("training") / f"{experiment.training_key}-{heard}" / "last.weights.h5"


def _course(kept: Path) -> Path:
    return kept.with_name("course.json")
