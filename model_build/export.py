"""The model file: quantized network, contract, and the metrics beside it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from model_build import cache
from model_build.features import Clip
from model_build.quantize import Quantized
from model_build.recipe import LICENCES, THRESHOLDS, Recipe
from model_build.windows import drawn
from serd.contract import FORMAT, Contract, write_model
from serd.frontend import Rows

REPRESENTATIVES = 300
"""Windows that set the ranges of the int8 activations."""


def representatives(clips: Sequence[Clip], recipe: Recipe, seed: int) -> Rows:
    """Random windows of training clips; those of streams that have just begun are padded, as they will be."""
    rng = np.random.default_rng([seed, REPRESENTATIVES])
    chosen = rng.choice(len(clips), REPRESENTATIVES, replace=len(clips) < REPRESENTATIVES)
    return drawn(rng, [clips[k] for k in chosen], recipe.front_end)


def contract(
    recipe: Recipe, quantized: Quantized, temperature: float, clips: Sequence[Clip], notes: dict[str, str]
) -> Contract:
    """The contract of a network that these clips shaped, validation included."""
    heard: defaultdict[str, set[str]] = defaultdict(set)
    for clip in clips:
        heard[clip.utterance.corpus].add(clip.utterance.speaker)
    return Contract(
        format=FORMAT,
        name=recipe.name,
        version=recipe.version,
        task="emotion",
        front_end=recipe.front_end,
        labels=recipe.labels,
        input=quantized.input,
        output=quantized.output,
        temperature=temperature,
        thresholds=THRESHOLDS,
        trained_on={corpus: tuple(sorted(speakers)) for corpus, speakers in sorted(heard.items())},
        licence=licence(heard),
        notes=notes,
    )


def licence(corpora: Sequence[str] | dict[str, Any]) -> str:
    """Of weights trained on these corpora, as an SPDX identifier; LicenseRef where there is none."""
    known = {LICENCES.get(corpus, "LicenseRef-not-for-redistribution") for corpus in corpora}
    return known.pop() if len(known) == 1 else "LicenseRef-not-for-redistribution"


def write(out: Path, network: bytes, described: Contract, metrics: dict[str, Any]) -> tuple[Path, Path]:
    """Write NAME.tflite and NAME.metrics.json into a folder, each whole or not at all."""
    out.mkdir(parents=True, exist_ok=True)
    model, beside = out / f"{described.name}.tflite", out / f"{described.name}.metrics.json"
    with cache.replacing(model) as written:
        stated = write_model(written, network, described)
    metrics = {**metrics, "sha256": stated.sha256, "bytes": model.stat().st_size}
    with cache.replacing(beside) as written:
        written.write_text(json.dumps(metrics, indent=None, separators=(",", ":"), sort_keys=True) + "\n")
    return model, beside
