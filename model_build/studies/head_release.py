"""`python -m model_build train --recipe serd-base`, and `quantize`: the file, from data or from the kept head."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path

import numpy as np

from model_build.evaluation.condition import CLEAN
from model_build.experiments.experiment import TEST_CORPUS
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.head_recipe import HEAD_RECIPES
from model_build.files import cache
from model_build.files.progress import Say
from model_build.studies.head_run import run_experiment, temperatures, written
from model_build.studies.release import write_metrics
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_session import HeadSession
from serd.errors import UsageError
from serd.inference.contract import Contract, read_model
from serd.inference.decision import Rules
from serd.inference.scorer import TFLiteScorer

COMPARED = 40
"""Clips on which the network in int8 is held against itself as it was trained."""


def run(args: argparse.Namespace, say: Say) -> int:
    """Compute what is not kept of the encoder's states, train head and inner splits' heads; the exit code.

    The same command goes on where one that was interrupted stood. Raises SerdError.
    """
    recipe = HEAD_RECIPES[args.recipe]
    if args.epochs is not None:
        recipe = dataclasses.replace(recipe, schedule=dataclasses.replace(recipe.schedule, epochs=args.epochs))
    experiment = HeadExperiment(recipe, "whole", seed=args.seed)
    session = HeadSession(args.data, experiment, say)
    if args.anew:
        session.forget(experiment)
    record = run_experiment(experiment, args.data, say)
    file, _ = make(session, experiment, args.out)
    write_metrics(file, record, record.numbers | {"bytes": file.stat().st_size}, {})
    return 0


def quantize(args: argparse.Namespace, say: Say) -> int:
    """Make the file anew from the heads that training kept, and hold it against them; the exit code.

    Raises UsageError where nothing was trained.
    """
    cache.writable(args.out, "--out")
    experiment = HeadExperiment(HEAD_RECIPES[args.recipe], "whole", seed=args.seed)
    session = HeadSession(args.data, experiment, say)
    if not all(session.is_trained(trained) for trained in (experiment, *experiment.calibration_splits)):
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


def make(session: HeadSession, experiment: HeadExperiment, out: Path) -> tuple[Path, float]:
    """Write the model file; its path, and the percentage of windows about which it says what the head says."""
    file, _ = written(session, experiment, temperatures(session, experiment), out)
    return file, _alike(session, experiment, *read_model(file))


def _alike(session: HeadSession, experiment: HeadExperiment, made: bytes, described: Contract) -> float:
    """Percentage of windows, of clips from everywhere in RAVDESS, to which file and head give the same label."""
    rules = Rules.make(experiment.recipe.thresholds)
    encoded = session.encoded(TEST_CORPUS, (CLEAN.name,))
    answers = HeadAnswers.make(session.head(experiment), encoded, rules, lambda _: True)
    step = max(1, len(encoded.clips) // COMPARED)
    scorer, same = TFLiteScorer(made, described), list[bool]()
    for k in range(0, len(encoded.clips), step):
        inputs = session.windows(encoded.clips[k])
        if len(inputs) and len(inputs) == len(answers.logits[k]):
            logits = scorer.logits(inputs)[:, :-1]
            same += list(logits.argmax(axis=1) == answers.logits[k][:, :-1].argmax(axis=1))
    return 100 * float(np.mean(same)) if same else float("nan")
