"""The model file of serd-base: encoder and head in one network with its contract."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from model_build.corpora import Utterance
from model_build.files import cache
from model_build.networks import export
from model_build.networks.dynamic_range import convert
from model_build.networks.encoder import Encoder
from model_build.networks.export import Described
from model_build.networks.head import Head
from serd.inference.contract import Contract, write_model

LICENCE = "CC-BY-NC-SA-4.0"
"""The licence of the weights; the encoder's, MIT, asks for its notice, which stands beside the file."""
ENCODER = "Whisper tiny.en, (c) 2022 OpenAI, MIT licence: see LICENSE.whisper"


class Encoded(Described, Protocol):
    """A recipe of a head over the first blocks of an encoder."""

    @property
    def blocks(self) -> int: ...


def network(encoder: Encoder, head: Head, recipe: Encoded, *, integers: bool = True) -> bytes:
    """Encoder and head as a TFLite file without its contract: weights in int8 (dynamic range), or as they are."""

    def answers(window: Any) -> Any:
        rows = window[..., 0]
        return head.graph(encoder.states(rows, recipe.blocks), rows)

    return convert(answers, recipe.front_end, integers=integers)


def contract(
    recipe: Described, heard: Iterable[Utterance], temperature: float, activation: float, notes: dict[str, str]
) -> Contract:
    """The contract of a network that these recordings shaped, with both temperatures."""
    notes = {"encoder": ENCODER, **notes}
    return export.contract(recipe, temperature, heard, notes, activation=activation, licensed=LICENCE)


def write(path: Path, made: bytes, described: Contract) -> None:
    """Write the model file, whole or not at all."""
    with cache.replacing(path) as written:
        write_model(written, made, described)
