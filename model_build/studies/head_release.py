"""`python -m model_build train --recipe serd-base`, and `quantize`: the file, from data or from the kept heads."""

from __future__ import annotations

import argparse
import dataclasses
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model_build.evaluation.condition import CLEAN
from model_build.experiments.experiment import TEST_CORPUS
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.head_recipe import HEAD_RECIPES
from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.experiments.reference_recipe import VERSION
from model_build.files import cache
from model_build.files.progress import Say
from model_build.networks.base_file import contract, network, write
from model_build.networks.head import features
from model_build.networks.person_reference import SecondHead
from model_build.studies import reference_run
from model_build.studies.clock import Clock
from model_build.studies.head_run import heard_by, notes_of
from model_build.studies.head_run import temperatures as base_temperatures
from model_build.studies.reference_run import AT_HOME
from model_build.studies.release import write_metrics
from model_build.studies.serd_reference import RECIPE
from model_build.training.reference_answers import references
from model_build.training.reference_session import ReferenceSession
from serd.errors import UsageError
from serd.inference.contract import Contract, read_model
from serd.inference.frontend import Rows
from serd.inference.reference import ReferenceHead
from serd.inference.scorer import TFLiteScorer

COMPARED = 40
"""Clips on which the network in int8 is held against itself as it was trained."""


@dataclass(frozen=True)
class Alike:
    """Percentage of windows about which the file gives the label that a head gives over kept states."""

    first: float
    second: float
    """The head that knows a reference, each clip's own."""

    def __str__(self) -> str:
        return (
            f"int8 answers as the heads over kept states do for {self.first:.1f} % of windows, with a reference for "
            f"{self.second:.1f} %"
        )


def run(args: argparse.Namespace, say: Say) -> int:
    """Compute what is not kept of the encoder's states, train both heads and inner splits' heads; the exit code.

    The same command goes on where one that was interrupted stood. Raises SerdError.
    """
    clock, experiment = Clock(), _experiment(args.recipe, args.seed, args.epochs)
    base, session = experiment.base, ReferenceSession(args.data, experiment, say)
    if args.anew:
        session.forget(experiment)
    file, described, alike = make(session, experiment, args.out)
    say(str(alike))
    first, second, encoder = session.base.head(base), session.head(experiment), session.base.encoder
    known = described.reference
    numbers = {
        "parameters": first.parameters + second.parameters + encoder.size(base.recipe.blocks),
        "macs": encoder.macs(base.recipe.blocks) + first.macs + second.macs,
        "train": len(session.base.learned(base)),
        "epoch": base.recipe.schedule.epochs,
        "temperature": described.temperature,
        "activation_temperature": described.activation,
        "reference_temperature": known and known.temperature,
        "reference_activation_temperature": known and known.activation,
        "bytes": file.stat().st_size,
        **clock.numbers,
    }
    write_metrics(file, base.name, _versioned(experiment).document(), numbers, {})
    return 0


def quantize(args: argparse.Namespace, say: Say) -> int:
    """Make the file anew from the heads that training kept, and hold it against them; the exit code.

    Raises UsageError where nothing was trained.
    """
    cache.writable(args.out, "--out")
    experiment = _experiment(args.recipe, args.seed)
    base, session = experiment.base, ReferenceSession(args.data, experiment, say)
    first = all(session.base.is_trained(trained) for trained in (base, *base.calibration_splits))
    if not first or not all(session.is_trained(own) for own in (experiment, *experiment.calibration_splits)):
        raise UsageError(
            f"{args.recipe}, seed {args.seed}: not trained on the recordings in {args.data}; "
            f"`python -m model_build train --recipe {args.recipe}` does it"
        )
    file, _, alike = make(session, experiment, args.out)
    print(f"{file}: {file.stat().st_size} bytes; {alike}")
    return 0


def make(session: ReferenceSession, experiment: ReferenceExperiment, out: Path) -> tuple[Path, Contract, Alike]:
    """Write the model file with both heads; its path, its contract, and whether it says what the heads say."""
    recipe, base = experiment.recipe, experiment.base
    own, its = base_temperatures(session.base, base), reference_run.temperatures(session, experiment)
    first, second = session.base.head(base), SecondHead(session.head(experiment), recipe.half_s)
    known = ReferenceHead(len(first.mean), recipe.blend_s, its.labels, its.activation)
    notes = {**notes_of(base), "reference": experiment.key}
    described = contract(
        _versioned(experiment).recipe,
        heard_by(session.base, base),
        own.labels,
        own.activation,
        notes,
        reference=known,
    )
    file = out / f"{recipe.base.name}.tflite"
    write(file, network(session.base.encoder, first, recipe.base, second), described)
    return file, described, _alike(session, experiment, second, *read_model(file))


def _experiment(recipe: str, seed: int, epochs: int | None = None) -> ReferenceExperiment:
    base = HEAD_RECIPES[recipe]
    if epochs is not None:
        base = dataclasses.replace(base, schedule=dataclasses.replace(base.schedule, epochs=epochs))
    return ReferenceExperiment(dataclasses.replace(RECIPE, base=base), "whole", seed=seed)


def _versioned(experiment: ReferenceExperiment) -> HeadExperiment:
    """What the file is said to be: the base's, with a second head."""
    base = experiment.base
    return dataclasses.replace(base, recipe=dataclasses.replace(base.recipe, version=VERSION))


def _alike(
    session: ReferenceSession, experiment: ReferenceExperiment, second: SecondHead, made: bytes, described: Contract
) -> Alike:
    """Windows of clips from everywhere in RAVDESS: file against heads, each window with its person's reference."""
    encoded = session.base.encoded(TEST_CORPUS, (CLEAN.name,))
    first, count = session.base.head(experiment.base), len(encoded.clips)
    asked = range(0, count, max(1, count // COMPARED))
    scorer, same = TFLiteScorer(made, described), list[tuple[bool, bool]]()
    for k, reference in zip(asked, references(encoded, first.layers, AT_HOME, asked), strict=True):
        inputs = session.base.windows(encoded.clips[k])
        kept = features(encoded.states.statistics[encoded.states.clip == k], first.layers).astype(np.float32)
        if not len(inputs) or len(inputs) != len(kept):
            continue
        heads = scorer.heads(inputs, [reference] * len(inputs))
        assert heads.with_reference is not None
        pairs = (heads.logits, first.answers(kept)), (heads.with_reference, second.answers(kept, reference))
        same += zip(*(_labels(its) == _labels(wanted) for its, wanted in pairs), strict=True)
    shares = 100 * np.mean(same, axis=0) if same else (float("nan"), float("nan"))
    return Alike(*map(float, shares))


def _labels(logits: Rows) -> NDArray[np.intp]:
    likeliest: NDArray[np.intp] = logits[:, :-1].argmax(axis=1)
    return likeliest
