"""`python -m model_build train`: from recordings to a model file with its metrics beside it."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from model_build.experiments.head_recipe import HEAD_RECIPES
from model_build.experiments.recipe import RECIPES
from model_build.files import cache
from model_build.files.progress import say
from serd.errors import UsageError

if TYPE_CHECKING:
    from model_build.clips.features import Clip
    from model_build.thesis.plan import ThesisRecipe


SEEDS = 2**32
"""What numpy and Keras take: from 0 to less than this."""
THESIS = ("network", "corpus", "actors")
"""Flags that a default model's training knows nothing of."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Flags of `train`."""
    parser.add_argument(
        "--recipe", choices=(*HEAD_RECIPES, *RECIPES), help="a default model, instead of one of the thesis' networks"
    )
    parser.add_argument("--network", choices=("cnn", "dnn"), help="which network (default: cnn)")
    parser.add_argument("--corpus", choices=("ravdess",), help="which corpus (default: ravdess)")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder that holds the corpora")
    parser.add_argument("--seed", type=int, default=0, help="fixes split, initial weights and draws (default: 0)")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="where to write (default: here)")
    parser.add_argument("--epochs", type=int, metavar="N", help="how long (default: the recipe's)")
    parser.add_argument("--actors", nargs="+", metavar="ID", help="these speakers only, for a quick look")
    parser.add_argument(
        "--labels",
        type=Path,
        metavar="CSV",
        help="with a head's recipe: your own recordings instead, a table of path, speaker, emotion",
    )
    parser.add_argument("--anew", action="store_true", help="forget an interrupted training")


def run(args: argparse.Namespace) -> int:
    """Train as the flags ask for; the exit code. Raises SerdError."""
    from model_build.files.silence import import_keras

    _check(args)
    import_keras()
    if args.labels is not None:
        from model_build.studies import own_labels

        return own_labels.run(args, say)
    if args.recipe in HEAD_RECIPES:
        from model_build.studies import head_release

        return head_release.run(args, say)
    if args.recipe:
        from model_build.studies import release

        return release.run(args, say)
    from model_build.evaluation.offline import KerasScorer, Windowed, calibrate, predictions, report
    from model_build.experiments.splits import random_split
    from model_build.networks import export
    from model_build.networks.architectures import macs, parameters
    from model_build.networks.quantize import quantize
    from model_build.thesis import training
    from model_build.thesis.plan import Plan, thesis_recipe
    from serd.inference.decision import Rules
    from serd.inference.scorer import TFLiteScorer

    plan = Plan()
    if args.epochs is not None:
        plan = dataclasses.replace(plan, epochs=args.epochs)
    recipe = thesis_recipe(args.network or "cnn", args.corpus or "ravdess", plan)
    front_end = recipe.front_end
    clips = gather(recipe, args.data, args.actors)
    split = random_split(len(clips), args.seed)
    fitted, held, tested = ([clips[k] for k in part] for part in (split.train, split.validation, split.test))
    say(f"{recipe.name}: {len(fitted)} clips to train on, {len(held)} to choose the epoch, {len(tested)} to test")

    place = cache.folder("training") / cache.key(recipe, args.seed, [clip.digest for clip in clips])
    if args.anew:
        training.forget(place)
    trained = training.train(recipe, fitted, held, seed=args.seed, place=place, say=say)
    model = trained.model
    say(f"{parameters(model)} parameters, {macs(model) / 1e6:.2f} million MACs a window, epoch {trained.best + 1}")

    quantized = quantize(model, export.representatives(fitted, front_end, args.seed))
    notes = {"protocol": PROTOCOL, "seed": str(args.seed)}
    utterances = [clip.utterance for clip in (*fitted, *held)]
    draft = export.contract(recipe, 1.0, utterances, notes, quantized=quantized)
    integer = TFLiteScorer(quantized.network, draft)
    rules = Rules.make(recipe.thresholds)
    temperature = calibrate(Windowed.make(held, front_end, recipe.labels), integer, front_end, rules)
    contract = dataclasses.replace(draft, temperature=round(temperature, 4))

    test = Windowed.make(tested, front_end, recipe.labels)
    logits = {"float": KerasScorer(model).logits(test.windows.inputs), "int8": integer.logits(test.windows.inputs)}
    metrics = {
        "format": 1,
        "model": f"{contract.name}/{contract.version}",
        "protocol": PROTOCOL,
        "clip_rule": CLIP_RULE,
        "seed": args.seed,
        "corpora": recipe.corpora,
        "speakers": args.actors or "all",
        "labels": recipe.labels,
        "counts": {"train": len(fitted), "validation": len(held), "test": len(tested)},
        "parameters": parameters(model),
        "macs": macs(model),
        "plan": dataclasses.asdict(plan),
        "history": [dataclasses.asdict(epoch) for epoch in trained.history],
        "epoch": trained.best + 1,
        "temperature": contract.temperature,
        **{kind: report(test, values, contract.temperature) for kind, values in logits.items()},
        "predictions": {kind: predictions(test, values, contract.temperature) for kind, values in logits.items()},
    }
    written, beside = export.write_with_metrics(args.out, quantized.network, contract, metrics)
    training.forget(place)
    for kind in logits:
        clip, window = metrics[kind]["clip"], metrics[kind]["window"]
        say(
            f"{kind}: accuracy {clip['accuracy']:.4f}, UAR {clip['uar']:.4f} of clips; "
            f"accuracy {window['accuracy']:.4f} of windows"
        )
    print(f"{written}: {written.stat().st_size} bytes; metrics in {beside}")
    return 0


def _check(args: argparse.Namespace) -> None:
    """Check the flags before anything is read or trained. Raises UsageError."""
    for name in THESIS if args.recipe else ():
        if getattr(args, name) is not None:
            raise UsageError(f"--{name}: not with --recipe {args.recipe}; leave one of the two out")
    if not 0 <= args.seed < SEEDS:
        raise UsageError(f"--seed {args.seed}: out of range; it goes from 0 to {SEEDS - 1}")
    if args.epochs is not None and args.epochs < 1:
        raise UsageError(f"--epochs {args.epochs}: too few; it takes 1 at least")
    if args.labels is not None:
        if args.recipe not in HEAD_RECIPES:
            raise UsageError(f"--labels: needs --recipe {' or '.join(HEAD_RECIPES)}, whose head alone is trained")
        if args.anew:
            raise UsageError("--anew: not with --labels, which keeps no training; leave it out")
    cache.writable(args.out, "--out")


PROTOCOL = "random split: 25 % of the clips test, 15 % of the others choose epoch and temperature; speakers are shared"
CLIP_RULE = "mean log-probability over the windows with speech at a stride of 0.25 s"


def gather(recipe: ThesisRecipe, data: Path, speakers: list[str] | None) -> list[Clip]:
    """The recipe's clips with their features, every fault named. Raises UsageError if none are left."""
    from model_build.clips.features import read_clips
    from model_build.corpora import CORPORA, inventory
    from model_build.corpora.corpus import warn

    inventories = [inventory(CORPORA[name], data) for name in recipe.corpora]
    utterances = [utterance for corpus in inventories for utterance in corpus.utterances]
    if speakers is not None:
        wanted = {speaker.zfill(2) for speaker in speakers}
        utterances = [utterance for utterance in utterances if utterance.speaker in wanted]
    clips, faults = read_clips(utterances, recipe.front_end, _count(len(utterances)))
    warn([fault for corpus in inventories for fault in corpus.faults] + faults, say)
    if len(clips) < MINIMUM:
        raise UsageError(f"{data}: {len(clips)} usable recordings of {', '.join(recipe.corpora)} are too few to train")
    return clips


MINIMUM = 40
"""Clips that a training needs at least: with fewer no split has all emotions in it."""


def _count(total: int) -> Callable[[int], None]:
    def progress(done: int) -> None:
        if done % 200 == 0 or done == total:
            say(f"features: {done} of {total} recordings")

    return progress
