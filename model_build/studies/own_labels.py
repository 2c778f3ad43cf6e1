"""`python -m model_build train --recipe serd-base --labels TABLE`: a head that has learned from one's own recordings.

The encoder is frozen, so only a head is trained: from the table's recordings and random views of them, in made rooms
and noises, and from nothing else. What it is worth is measured on recordings of speakers whom a head has not heard, by
as many heads as there are folds; all recordings then train the one that is written.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from model_build.corpora import Utterance, own
from model_build.evaluation.condition import CLEAN
from model_build.experiments.head_recipe import HEAD_RECIPES
from model_build.files.progress import Say
from model_build.networks import base_file, export
from model_build.networks.encoder import Encoder, encoder_file
from model_build.training import encoder_states
from model_build.training.encoded_clips import EncodedClips
from model_build.training.encoder_states import ShardWriter, complete, shards
from model_build.training.own_head import HeldOut, OwnHead
from serd.errors import OK, USAGE

VIEWS = 6
"""Random views of each recording."""


def run(args: argparse.Namespace, say: Say) -> int:
    """Train, measure, write; the exit code, which is that of usage where rows of the table were left out.

    Raises UsageError.
    """
    table = own.read(args.labels)
    base = HEAD_RECIPES[args.recipe]
    schedule = base.schedule if args.epochs is None else dataclasses.replace(base.schedule, epochs=args.epochs)
    recipe = dataclasses.replace(
        base, name=f"{base.name}-own", shares=((own.CORPUS, 1.0),), counts=((own.CORPUS, VIEWS),), schedule=schedule
    )
    _tell(table, say)
    table.check()
    encoder = Encoder.read(encoder_file(args.data))
    encoded = _encoded(encoder, table.clips, say)
    silent = {clip.name for k, clip in enumerate(encoded[CLEAN.name].clips) if k not in encoded[CLEAN.name].states.clip}
    heard = table.without(silent)
    _tell(heard, say)
    heard.check()
    own_head = OwnHead(recipe, encoded, heard.clips, args.seed)
    held_out = own_head.measure(say)
    say(f"training: {len(heard.clips)} recordings")
    _write(args, own_head, encoder, held_out)
    return USAGE if table.faults or heard.faults else OK


def _tell(table: own.Table, say: Say) -> None:
    for fault in table.faults:
        say(f"warning: {fault}; left out")


def _encoded(encoder: Encoder, clips: Sequence[Utterance], say: Say) -> dict[str, EncodedClips]:
    """The clips' states as they are, by CLEAN's name, and with all views, by the corpus'."""
    place = encoder_states.folder(encoder)
    kinds = (CLEAN.name, *(f"view {k}" for k in range(VIEWS)))
    writer = functools.cache(lambda: ShardWriter(encoder, None))
    complete(place, [shard for kind in kinds for shard in shards(kind, clips)], writer, say)
    return {
        CLEAN.name: EncodedClips.read(clips, kinds[:1], place),
        own.CORPUS: EncodedClips.read(clips, kinds, place),
    }


def _write(args: argparse.Namespace, head: OwnHead, encoder: Encoder, held_out: HeldOut) -> None:
    """Write the model file and its metrics, and say what they are."""
    counts, divisors = Counter(clip.emotion for clip in head.clips), held_out.temperatures
    speakers, activation = len({clip.speaker for clip in head.clips}), head.tells_activation
    trained = head.head(set())
    trained = trained if activation else trained.columns(range(len(head.labels)))
    told = ", ".join(f"{label} {counts[label]}" for label in head.labels)
    notes = {
        "encoder": base_file.ENCODER,
        "protocol": f"own labels: {len(head.clips)} recordings of {speakers} speakers ({told})",
        "held out": str(held_out),
        "seed": str(args.seed),
    }
    described = export.contract(
        dataclasses.replace(head.recipe, labels=head.labels), divisors.labels, head.clips, notes,
        activation=divisors.activation if activation else None,
    )  # fmt: skip
    network = base_file.network(encoder, trained, head.recipe)
    figures = dataclasses.asdict(held_out) | {"text": str(held_out)}
    metrics: dict[str, Any] = {
        "format": 1,
        "model": f"{described.name}/{described.version}",
        "labels": {label: counts[label] for label in head.labels},
        "speakers": speakers,
        "seed": args.seed,
        "schedule": dataclasses.asdict(head.recipe.schedule),
        "held_out": json.loads(json.dumps(figures)),
    }
    file, beside = export.write_with_metrics(args.out, network, described, metrics)
    print(f"{file}: {file.stat().st_size} bytes; {notes['protocol']}; metrics in {beside}")
    for label, recall in held_out.recall.items():
        print(f"  {label:<10} {100 * recall:5.1f} % of {counts[label]} recognised")
    print(f"held out: {held_out}")
    print(f"next: serd score --model {file} FILE; nobody but you may pass on what these recordings trained")
