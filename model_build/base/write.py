"""The model file of serd-base: encoder and head in one network with its contract."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from model_build.base.encoder import Encoder
from model_build.base.head import Head
from model_build.base.lite import convert
from model_build.base.recipe import Base
from model_build.corpora import Utterance
from model_build.files import cache
from serd.inference.contract import FORMAT, Contract, write_model

LICENCE = "CC-BY-NC-SA-4.0"
"""Of the weights; the encoder's licence, MIT, asks for its notice, which stands beside it."""
ENCODER = "Whisper tiny.en, (c) 2022 OpenAI, MIT licence: see LICENSE.whisper"


def network(encoder: Encoder, head: Head, recipe: Base, *, integers: bool = True) -> bytes:
    """As a TFLite file without its contract: weights in int8 (dynamic range), or as they are."""

    def answers(window: Any) -> Any:
        rows = window[..., 0]
        return head.graph(encoder.states(rows, recipe.blocks), rows)

    return convert(answers, recipe.front_end, integers=integers)


def contract(
    recipe: Base, heard: Iterable[Utterance], temperature: float, activation: float, notes: dict[str, str]
) -> Contract:
    """Of a network that these recordings shaped: speech by speaker, sounds by fold."""
    groups: dict[str, set[str]] = {}
    for clip in heard:
        groups.setdefault(clip.corpus, set()).add(str(clip.fold) if clip.sound else clip.speaker)
    return Contract(
        format=FORMAT,
        name=recipe.name,
        version=recipe.version,
        task="emotion",
        front_end=recipe.front_end,
        labels=recipe.labels,
        input=None,
        output=None,
        temperature=temperature,
        thresholds=recipe.thresholds,
        trained_on={corpus: tuple(sorted(own)) for corpus, own in sorted(groups.items())},
        licence=LICENCE,
        notes={"encoder": ENCODER, **notes},
        activation=activation,
    )


def write(path: Path, made: bytes, described: Contract) -> None:
    """The whole file, or none."""
    with cache.replacing(path) as written:
        write_model(written, made, described)
