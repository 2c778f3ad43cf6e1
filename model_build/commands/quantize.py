"""`python -m model_build quantize --recipe serd-small`: a model file anew, from the networks that training kept."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from model_build.experiments.head_recipe import HEAD_RECIPES
from model_build.experiments.recipe import RECIPES
from model_build.files import cache
from model_build.files.progress import say
from serd.errors import UsageError

COMPARED = 200
"""Clips on which int8 is held against float."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `quantize`."""
    parser.add_argument(
        "--recipe", choices=(*HEAD_RECIPES, *RECIPES), required=True, help="a default model that has been trained"
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder that holds the corpora")
    parser.add_argument("--seed", type=int, default=0, help="that of the training (default: 0)")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to write (default: here)")


def run(args: argparse.Namespace) -> int:
    """Quantize on training clips, and hold int8 against float; the exit code. Trains nothing. Raises SerdError."""
    from model_build.files.silence import import_keras

    import_keras()
    if args.recipe in HEAD_RECIPES:
        from model_build.studies import head_release

        return head_release.quantize(args, say)
    from model_build.evaluation.offline import KerasScorer, Windowed
    from model_build.experiments.dataset import Dataset
    from model_build.experiments.experiment import Experiment
    from model_build.training.session import is_trained, temperature, trained_networks, write_model_file
    from serd.inference.decision import Rules
    from serd.inference.model import load, softmax

    cache.writable(args.out, "--out")
    recipe = RECIPES[args.recipe]
    experiment = Experiment(recipe, "whole", seed=args.seed)
    dataset = Dataset.read([experiment], args.data)
    if not all(is_trained(training, dataset) for training in experiment.trainings):
        raise UsageError(
            f"{recipe.name}, seed {args.seed}: not trained on the recordings in {args.data}; "
            f"`python -m model_build train --recipe {recipe.name}` does it"
        )
    network = trained_networks([experiment], dataset, say)[0].model
    file = write_model_file(experiment, dataset, network, temperature(experiment, dataset, say), args.out)
    clips = dataset.split(experiment)[0]
    chosen = np.random.default_rng(args.seed).permutation(len(clips))[:COMPARED]
    trial = Windowed.make([clips[k] for k in np.sort(chosen)], recipe.front_end, recipe.labels)
    rules, scorers = Rules.make(recipe.thresholds), (KerasScorer(network), load(str(file)).scorer)
    windows = trial.windows.inputs
    whole, int8 = (trial.by_clip(softmax(scorer.logits(windows)), rules).argmax(axis=1) for scorer in scorers)
    print(
        f"{file}: {file.stat().st_size} bytes; int8 answers as float does for {100 * np.mean(whole == int8):.1f} % of "
        f"{len(chosen)} training clips"
    )
    return 0
