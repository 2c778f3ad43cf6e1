"""`python -m model_build train --recipe serd-base`, and `quantize`: the file, from data or from the kept head."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import numpy as np

from model_build.base.conduct import Say, run_experiment, temperatures, written
from model_build.base.experiment import Experiment
from model_build.base.material import CLEAN, Said
from model_build.base.recipe import RECIPES
from model_build.base.session import Session
from model_build.experiments.experiment import TEST_CORPUS
from model_build.files import cache
from serd.errors import UsageError
from serd.inference.contract import Contract, read_model
from serd.inference.decision import Rules
from serd.inference.model import TFLiteScorer

COMPARED = 40
"""Clips on which the network in int8 is held against itself as it was trained."""


def run(args: argparse.Namespace, say: Say) -> int:
    """Compute what is not kept of the encoder's states, train head and inner splits' heads; the exit code.

    The same command goes on where one that was interrupted stood. Raises SerdError.
    """
    experiment = _experiment(args)
    session = Session(args.data, experiment, say)
    if args.anew:
        session.forget(experiment)
    record = run_experiment(experiment, args.data, say)
    file, _ = make(session, experiment, args.out)
    beside: Path = args.out / f"{experiment.recipe.name}.metrics.json"
    numbers = record.numbers | {"bytes": file.stat().st_size}
    told = {"format": 1, "name": record.name, "recipe": record.run, "numbers": numbers}
    with cache.replacing(beside) as written:
        written.write_text(json.dumps(told, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    print(f"{file}: {file.stat().st_size} bytes; how it was trained is in {beside}")
    return 0


def quantize(args: argparse.Namespace, say: Say) -> int:
    """The file anew from the heads that training kept, held against what they say themselves; the exit code.

    Raises UsageError where nothing was trained.
    """
    cache.writable(args.out, "--out")
    experiment = Experiment(RECIPES[args.recipe], "whole", seed=args.seed)
    session = Session(args.data, experiment, say)
    if not all(session.known(own) for own in (experiment, *experiment.twins)):
        raise UsageError(
            f"{args.recipe}, seed {args.seed}: not trained on the recordings in {args.data}; "
            f"`python -m model_build train --recipe {args.recipe}` does it"
        )
    file, alike = make(session, experiment, args.out)
    print(
        f"{file}: {file.stat().st_size} bytes; int8 answers as the head over kept states does for {alike:.1f} % "
        "of windows"
    )
    return 0


def make(session: Session, experiment: Experiment, out: Path) -> tuple[Path, float]:
    """Write the model file; its path, and the percentage of windows about which it says what the head says."""
    file, _ = written(session, experiment, temperatures(session, experiment), out)
    return file, _alike(session, experiment, *read_model(file))


def _alike(session: Session, experiment: Experiment, made: bytes, described: Contract) -> float:
    """On clips from everywhere in RAVDESS: the likeliest label of the file's network and of the head."""
    rules = Rules.make(experiment.recipe.thresholds)
    heard = session.heard(TEST_CORPUS, (CLEAN,))
    said = Said.make(session.head(experiment), heard, rules, lambda _: True)
    step = max(1, len(heard.clips) // COMPARED)
    scorer, same = TFLiteScorer(made, described), list[bool]()
    for k in range(0, len(heard.clips), step):
        inputs = session.windows(heard.clips[k])
        if len(inputs) and len(inputs) == len(said.logits[k]):
            logits = scorer.logits(inputs)[:, :-1]
            same += list(logits.argmax(axis=1) == said.logits[k][:, :-1].argmax(axis=1))
    return 100 * float(np.mean(same)) if same else float("nan")


def _experiment(args: argparse.Namespace) -> Experiment:
    recipe = RECIPES[args.recipe]
    if args.epochs is not None:
        recipe = dataclasses.replace(recipe, schedule=dataclasses.replace(recipe.schedule, epochs=args.epochs))
    return Experiment(recipe, "whole", seed=args.seed)
