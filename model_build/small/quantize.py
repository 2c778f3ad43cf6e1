"""`python -m model_build quantize --recipe serd-small`: a model file anew, from the networks that training kept."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

from model_build.base.recipe import RECIPES as BASE
from model_build.small.recipe import RECIPES
from serd.errors import UsageError

COMPARED = 200
"""Clips on which int8 is held against float."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `quantize`."""
    parser.add_argument(
        "--recipe", choices=(*BASE, *RECIPES), required=True, help="a default model that has been trained"
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder that holds the corpora")
    parser.add_argument("--seed", type=int, default=0, help="that of the training (default: 0)")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to write (default: here)")


def say(line: str) -> None:
    """Progress goes to stderr."""
    print(line, file=sys.stderr, flush=True)


def run(args: argparse.Namespace) -> int:
    """Quantize on training clips, and hold int8 against float; the exit code. Trains nothing. Raises SerdError."""
    from model_build.quiet import import_keras

    import_keras()
    if args.recipe in BASE:
        from model_build.base import train as base

        return base.quantize(args, say)
    from model_build import export
    from model_build.evaluation import KerasScorer, Trial
    from model_build.small.dataset import Dataset
    from model_build.small.experiment import Experiment
    from model_build.small.training import known, temperature, trained, write
    from serd.inference.decision import Rules
    from serd.inference.model import load, softmax

    export.writable(args.out, "--out")
    recipe = RECIPES[args.recipe]
    experiment = Experiment(recipe, "whole", seed=args.seed)
    dataset = Dataset.read([experiment], args.data)
    if not all(known(own, dataset) for own in experiment.lessons):
        raise UsageError(
            f"{recipe.name}, seed {args.seed}: not trained on the recordings in {args.data}; "
            f"`python -m model_build train --recipe {recipe.name}` does it"
        )
    network = trained([experiment], dataset, say)[0].model
    file = write(experiment, dataset, network, temperature(experiment, dataset, say), args.out)
    clips = dataset.split(experiment)[0]
    chosen = np.random.default_rng(args.seed).permutation(len(clips))[:COMPARED]
    trial = Trial.make([clips[k] for k in np.sort(chosen)], recipe.front_end, recipe.labels)
    rules, scorers = Rules.make(recipe.thresholds), (KerasScorer(network), load(str(file)).scorer)
    whole, int8 = (trial.by_clip(softmax(own.logits(trial.windows.inputs)), rules).argmax(axis=1) for own in scorers)
    print(
        f"{file}: {file.stat().st_size} bytes; int8 answers as float does for {100 * np.mean(whole == int8):.1f} % of "
        f"{len(chosen)} training clips"
    )
    return 0
