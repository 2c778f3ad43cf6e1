"""`python -m model_build train --recipe serd-small`: a default model from data to its file."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

from model_build.experiments.experiment import Experiment
from model_build.experiments.recipe import RECIPES
from model_build.files import cache
from model_build.files.progress import Say
from model_build.studies.run import run_experiment
from model_build.training.session import forget


def run(args: argparse.Namespace, say: Say) -> int:
    """Train on all that the recipe's corpora have, an inner split's network beside it; the exit code. Raises SerdError.

    The same command goes on where one that was interrupted stood; what was trained to its end is not trained again.
    """
    recipe = RECIPES[args.recipe]
    if args.epochs is not None:
        recipe = dataclasses.replace(recipe, schedule=dataclasses.replace(recipe.schedule, epochs=args.epochs))
    experiment = Experiment(recipe, "whole", seed=args.seed)
    if args.anew:
        forget(experiment)
    record = run_experiment(experiment, args.data, say)
    made = cache.folder("models") / experiment.name / f"{recipe.name}.tflite"
    file: Path = args.out / made.name
    with cache.replacing(file) as written:
        shutil.copyfile(made, written)
    write_metrics(file, record.name, record.run, record.numbers, record.history)
    return 0


def write_metrics(
    file: Path, name: str, recipe: dict[str, Any], numbers: dict[str, Any], history: dict[str, list[float]]
) -> None:
    """Write NAME.metrics.json beside a model file, and say where both are."""
    beside = file.with_suffix(".metrics.json")
    metrics = {"format": 1, "name": name, "recipe": recipe, "numbers": numbers, **history}
    with cache.replacing(beside) as written:
        written.write_text(json.dumps(metrics, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    print(f"{file}: {file.stat().st_size} bytes; how it was trained is in {beside}")
