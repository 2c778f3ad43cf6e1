"""The model file: quantized network, contract, and the metrics beside it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from model_build.clips.features import Clip
from model_build.clips.windows import draw_windows
from model_build.corpora import Utterance
from model_build.files import cache
from serd.inference.contract import FORMAT, Contract, write_model
from serd.inference.frontend import FrontEnd, Rows

if TYPE_CHECKING:
    from model_build.networks.quantize import Quantized  # it imports Keras: whoever trains sets that up


NONE = "LicenseRef-not-for-redistribution"
ATTRIBUTION = {"CC-BY-3.0", "CC-BY-4.0"}
REPRESENTATIVES = 300
"""Windows that set the ranges of the int8 activations."""


def representatives(clips: Sequence[Clip], front_end: FrontEnd, seed: int) -> Rows:
    """Random windows of training clips; those of streams that have just begun are padded, as they will be."""
    rng = np.random.default_rng([seed, REPRESENTATIVES])
    chosen = rng.choice(len(clips), REPRESENTATIVES, replace=len(clips) < REPRESENTATIVES)
    return draw_windows(rng, [clips[k] for k in chosen], front_end)


class Described(Protocol):
    """What a contract says of a recipe."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def front_end(self) -> FrontEnd: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def thresholds(self) -> Mapping[str, float]: ...


def contract(
    recipe: Described,
    temperature: float,
    utterances: Iterable[Utterance],
    notes: dict[str, str],
    *,
    quantized: Quantized | None = None,
    activation: float | None = None,
    licensed: str | None = None,
) -> Contract:
    """The contract of a network that these recordings shaped, validation included.

    `quantized` has the scales of integer edges, `activation` is the temperature of an output for it, and `licensed`
    takes the place of the licence that follows from the corpora.
    """
    groups = trained_on(utterances)
    return Contract(
        format=FORMAT,
        name=recipe.name,
        version=recipe.version,
        task="emotion",
        front_end=recipe.front_end,
        labels=recipe.labels,
        input=quantized.input if quantized else None,
        output=quantized.output if quantized else None,
        temperature=temperature,
        thresholds=dict(recipe.thresholds),
        trained_on=groups,
        licence=licensed or licence(groups),
        notes=notes,
        activation=activation,
    )


def trained_on(utterances: Iterable[Utterance]) -> dict[str, tuple[str, ...]]:
    """Speakers by corpus, and of sounds that are not speech the folds, as a contract has them."""
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for utterance in utterances:
        groups[utterance.corpus].add(str(utterance.fold) if utterance.sound else utterance.speaker)
    return {corpus: tuple(sorted(names)) for corpus, names in sorted(groups.items())}


def licence(corpora: Iterable[str]) -> str:
    """The licence of weights trained on these corpora, as an SPDX identifier; LicenseRef where there is none.

    Those that ask for nothing but their names yield to one that asks for more.
    """
    known = {LICENCES.get(corpus, NONE) for corpus in corpora}
    binding = known - ATTRIBUTION or known
    return binding.pop() if len(binding) == 1 else NONE


def write_with_metrics(out: Path, network: bytes, described: Contract, metrics: dict[str, Any]) -> tuple[Path, Path]:
    """Write NAME.tflite and NAME.metrics.json into a folder, each whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    model, beside = out / f"{described.name}.tflite", out / f"{described.name}.metrics.json"
    with cache.replacing(model) as written:
        stated = write_model(written, network, described)
    metrics = {**metrics, "sha256": stated.sha256, "bytes": model.stat().st_size}
    with cache.replacing(beside) as written:
        written.write_text(json.dumps(metrics, indent=None, separators=(",", ":"), sort_keys=True) + "\n")
    return model, beside


LICENCES = {
    "ravdess-speech": "CC-BY-NC-SA-4.0",
    "ravdess-song": "CC-BY-NC-SA-4.0",
    "nemo": "CC-BY-NC-SA-4.0",
    "librispeech": "CC-BY-4.0",
    "esc-10": "CC-BY-3.0",
}
"""What the weights inherit; those trained on anything else must not be passed on without asking."""
