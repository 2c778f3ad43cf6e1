"""The model file of serd-base: encoder and head in one network with its contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from model_build.corpora import Utterance
from model_build.files import cache
from model_build.networks import export
from model_build.networks.dynamic_range import convert
from model_build.networks.encoder import Encoder
from model_build.networks.export import Described
from model_build.networks.head import Head, pooled
from model_build.networks.person_reference import SecondHead
from serd.inference.contract import Contract, write_model
from serd.inference.reference import ReferenceHead

LICENCE = "CC-BY-NC-SA-4.0"
"""The licence of the weights; the encoder's, MIT, asks for its notice, which stands beside the file."""
ENCODER = "Whisper tiny.en, (c) 2022 OpenAI, MIT licence: see LICENSE.whisper"


class Encoded(Described, Protocol):
    """A recipe of a head over the first blocks of an encoder."""

    @property
    def blocks(self) -> int: ...


def network(
    encoder: Encoder, head: Head, recipe: Encoded, second: SecondHead | None = None, *, integers: bool = True
) -> bytes:
    """Encoder and head as a TFLite file without its contract: weights in int8 (dynamic range), or as they are.

    With a second head, that of a reference, it is as `serd.inference.scorer.TFLiteScorer` takes such a network.
    """

    def pool(window: Any) -> Any:
        rows = window[..., 0]
        return pooled(encoder.states(rows, recipe.blocks), head.layers, rows)

    if second is None:
        return convert(lambda window: head.graph(pool(window)), recipe.front_end, integers=integers)

    def both(window: Any, mean: Any, seconds: Any) -> Any:
        import tensorflow as tf

        statistics = pool(window)
        return tf.concat([head.graph(statistics), second.graph(statistics, mean, seconds)], axis=0), statistics

    return convert(both, recipe.front_end, len(head.mean), 1, integers=integers)


def contract(
    recipe: Described,
    heard: Iterable[Utterance],
    temperature: float,
    activation: float,
    notes: dict[str, str],
    *,
    reference: ReferenceHead | None = None,
) -> Contract:
    """The contract of a network that these recordings shaped, with the temperatures of the first head."""
    notes = {"encoder": ENCODER, **notes}
    described = export.contract(recipe, temperature, heard, notes, activation=activation, licensed=LICENCE)
    return replace(described, reference=reference)


def write(path: Path, made: bytes, described: Contract) -> None:
    """Write the model file, whole or not at all."""
    with cache.replacing(path) as written:
        write_model(written, made, described)
