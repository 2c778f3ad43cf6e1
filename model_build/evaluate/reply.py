"""What serd's own pipeline makes of one clip, kept as a line of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from model_build.detector_data import PRESENT_S, RATE, RECENT
from serd.block import Block, Samples
from serd.inference.pipeline import Pipeline
from serd.scoring.score import Score, score_blocks

EVIDENCE_S = 0.5
"""A window counts as one with speech if it holds this much more than the rules ask for."""


@dataclass(frozen=True)
class Reply:
    """Of one clip under one condition."""

    probabilities: tuple[float, ...] | None
    """Over the model's labels; None where it was never asked: no speech, or too little."""
    ends: tuple[int, ...]
    """Where each window ends, in samples."""
    asked: tuple[bool, ...]
    """Whether the emotion network was asked for each window."""
    named: tuple[int, ...]
    """Of each window asked: the label that the published confidence belongs to."""
    confidence: tuple[float, ...]
    """Of each window asked: as published."""

    @property
    def label(self) -> int | None:
        """The clip's label as `serd.score` has it."""
        return None if self.probabilities is None else int(np.argmax(self.probabilities))

    def line(self) -> str:
        """JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))

    @classmethod
    def parse(cls, line: str) -> Reply:
        """The inverse of `line`. Raises ValueError, KeyError or TypeError for anything else."""
        data = json.loads(line)
        fields = {name: tuple(data[name]) for name in ("ends", "asked", "named", "confidence")}
        given = data["probabilities"]
        return cls(probabilities=None if given is None else tuple(given), **fields)


def reply(samples: Samples, pipeline: Pipeline) -> Reply:
    """Score samples at 16 kHz through a pipeline that has heard nothing yet."""
    return _reply(score_blocks(iter([Block(samples, 0, False, 0.0)]), pipeline), pipeline.emotion.contract.labels)


def _reply(score: Score, labels: tuple[str, ...]) -> Reply:
    asked = [window for window in score.windows if window["raw"] is not None]
    named = (window["label"] or max(labels, key=window["probabilities"].__getitem__) for window in asked)
    given = score.probabilities
    return Reply(
        probabilities=None if given is None else tuple(given[label] for label in labels),
        ends=tuple(round(window["window"]["end_s"] * RATE) for window in score.windows),
        asked=tuple(window["raw"] is not None for window in score.windows),
        named=tuple(labels.index(name) for name in named),
        confidence=tuple(window["confidence"] for window in asked),
    )


def with_speech(mask: NDArray[np.bool_], ends: NDArray[np.intp], window_s: float, least_s: float) -> NDArray[np.bool_]:
    """Which windows the emotion network should be asked for, from where a clip speaks (n,): (windows,).

    As `detector_eval.missed` counts: they end with speech, PRESENT_S of it among the last RECENT samples, and hold
    EVIDENCE_S more of it than `least_s`, which the rules demand.
    """
    total = np.concatenate([[0], np.cumsum(mask)])
    last = np.minimum(ends, len(mask))

    def within(samples: int) -> NDArray[np.float64]:
        seconds: NDArray[np.float64] = (total[last] - total[np.clip(ends - samples, 0, len(mask))]) / RATE
        return seconds

    full: NDArray[np.bool_] = (within(RECENT) >= PRESENT_S) & (within(int(window_s * RATE)) >= least_s + EVIDENCE_S)
    return full
