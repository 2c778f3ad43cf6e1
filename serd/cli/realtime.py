"""The share of real time that judging speech takes here, measured with the recording that ships along."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, replace

from serd.audio.recording import Recording
from serd.block import Block
from serd.defaults import BEST_FIRST, DEMO
from serd.inference.model import installed_models, unusable
from serd.inference.pipeline import Pipeline
from serd.scoring.score import make_pipeline

PART_S = 30
"""How much of the recording is played, over and over."""
MEASURE_S = 2.0
"""How long the model is run."""


@dataclass(frozen=True, slots=True)
class RealTimeShare:
    """The share of real time that one model takes at one stride."""

    share: float
    """Share of real time while somebody speaks; 1 leaves none for anything else."""
    stride_s: float
    """Seconds between two windows; twice that halves the share."""


def measure(model: str, stride_s: float, seconds: float | None = None) -> RealTimeShare:
    """Run the model for `seconds` (MEASURE_S), as fast as it goes. Raises SerdError."""
    pipeline = make_pipeline(model, stride_s)
    blocks, costs = _blocks(pipeline.sample_rate, pipeline.stride), list[float]()
    until = time.monotonic() + (MEASURE_S if seconds is None else seconds)
    for block in itertools.cycle(blocks):
        cost = _cost(pipeline, block)
        if cost is not None:
            costs.append(cost)
        if time.monotonic() > until:
            break
    return RealTimeShare(sum(costs) / len(costs) if costs else 0.0, pipeline.stride_s)


def carried(but: str, stride_s: float, most: float) -> tuple[str, RealTimeShare] | None:
    """The best of the installed models `but` one that takes less than the share `most` of real time; None if none does.

    Raises SerdError.
    """
    installed = {path.stem: path for path in installed_models()}
    for name in BEST_FIRST:
        if name != but and name in installed and not unusable(installed[name]):
            measured = measure(name, stride_s)
            if measured.share < most:
                return name, measured
    return None


def _blocks(rate: int, size: int) -> list[Block]:
    """Read beforehand, a stride each as when it listens: what is measured is the pipeline."""
    source = Recording(DEMO, rate)
    source.open()
    blocks = []
    while (block := source.read(1.0)) is not None and block.end < PART_S * rate:
        for k in range(0, len(block.samples), size):
            blocks.append(replace(block, samples=block.samples[k : k + size], start=block.start + k))
    source.close()
    return blocks


def _cost(pipeline: Pipeline, block: Block) -> float | None:
    """What a block takes of its own length; None if nobody speaks in it: only with speech the dear network runs."""
    began = time.perf_counter()
    steps = list(pipeline.push(block))
    took = time.perf_counter() - began
    spoken = any(step.scores.probabilities is not None for step in steps)
    return took / (len(block.samples) / pipeline.sample_rate) if spoken else None
