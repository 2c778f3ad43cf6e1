"""From block to sent event, as the daemon goes it: what a model, a stride or a number of subscribers cost."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from serd.block import Block, Samples
from serd.defaults import STRIDE_S
from serd.events.publisher import Publisher
from serd.inference.model import SPEECH, load
from serd.inference.pipeline import Pipeline
from serd.inference.reporter import Reporter

RATE = 16000
BLOCK = 800
"""Samples a block, 50 ms: what the microphone delivers."""


class Spread(NamedTuple):
    """The median of some runs and their quartiles."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Of one run, its value three times."""
        return cls(
            *statistics.quantiles(values, method="inclusive") if len(values) > 1 else (*values, *values, *values)
        )

    def over(self, unit: float) -> Spread:
        """The same per unit."""
        return Spread(*(value / unit for value in self))


def cpu(work: Callable[[], Any]) -> float:
    """CPU milliseconds of this process for one call."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


def spread(runs: int, work: Callable[[], Any], per: float = 1.0) -> Spread:
    """CPU milliseconds for one call, divided by `per`, of so many after one that does not count."""
    work()
    return Spread.of([cpu(work) / per for _ in range(runs)])


def in_turn(runs: int, *works: Callable[[], Any]) -> list[list[float]]:
    """CPU milliseconds of each work's calls, so many in turn after one of each that does not count: what slows the
    machine for a while slows all of them."""
    for work in works:
        work()
    calls = [[cpu(work) for work in works] for _ in range(runs)]
    return [list(own) for own in zip(*calls, strict=True)]


def blocks(samples: Samples) -> list[Block]:
    """Samples (n,) as the microphone would deliver them."""
    return [Block(samples[k : k + BLOCK], k, False, 0.0) for k in range(0, len(samples), BLOCK)]


class Route:
    """Both networks, loaded once; each passage is a stream of its own."""

    def __init__(self, model: str, stride_s: float = STRIDE_S) -> None:
        self.emotion, self.speech, self._stride_s = load(model), load(SPEECH, "speech"), stride_s

    def passage(self, heard: Sequence[Block], publisher: Publisher, pause: float = 0.0) -> int:
        """Windows that the emotion network was asked for. After each event's stride it rests for `pause` seconds."""
        pipeline, reporter = self.pipeline(), Reporter(self.emotion, RATE)
        asked = 0
        for block in heard:
            for step in pipeline.push(block):
                asked += step.scores.probabilities is not None
                for event in reporter.step(step):
                    publisher.publish(event)
                if pause:
                    time.sleep(pause)
        return asked

    def pipeline(self) -> Pipeline:
        """One that has heard nothing."""
        return Pipeline.assemble(self.emotion, self.speech, self._stride_s)
