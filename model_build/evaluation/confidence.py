"""The confidence published window by window, and whether the label that it belongs to is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import Utterance
from model_build.evaluation.clip_result import ClipResult


@dataclass(frozen=True, eq=False)
class PublishedConfidence:
    """Windows of some clips, those that the emotion network was asked for."""

    clip: NDArray[np.intp]
    """Index of each window's clip (n,)."""
    right: NDArray[np.bool_]
    confidence: NDArray[np.float64]

    @classmethod
    def of(
        cls, clips: Sequence[Utterance], replies: Mapping[Utterance, ClipResult], labels: Sequence[str]
    ) -> PublishedConfidence:
        """The windows of clips that have one of the labels and a result each."""
        asked = [len(replies[clip].named) for clip in clips]
        truth = [labels.index(str(clip.emotion)) for clip in clips]
        return cls(
            np.repeat(np.arange(len(clips)), asked),
            np.array([name for clip in clips for name in replies[clip].named], np.intp) == np.repeat(truth, asked),
            np.array([value for clip in clips for value in replies[clip].confidence], np.float64),
        )

    def columns(self) -> dict[str, list[int]]:
        """The windows as columns for JSON, confidence in thousandths."""
        return {
            "clip": self.clip.tolist(),
            "right": self.right.astype(int).tolist(),
            "confidence": np.rint(1000 * self.confidence).astype(int).tolist(),
        }

    @classmethod
    def parse(cls, columns: Mapping[str, Any], clips: int) -> PublishedConfidence:
        """Read windows from `columns`. Raises ValueError, KeyError or TypeError for anything else."""
        clip = np.array(columns["clip"], np.intp)
        for name in ("right", "confidence"):
            if len(columns[name]) != len(clip):
                raise ValueError(f"{len(clip)} windows and {len(columns[name])} in column {name}")
        if len(clip) and not 0 <= clip.min() <= clip.max() < clips:
            raise ValueError(f"windows of other clips than the {clips} that there are")
        right, confidence = np.array(columns["right"], bool), np.array(columns["confidence"], np.float64) / 1000
        return cls(clip, right, confidence)
