"""What a head says of clips, their windows pooled as `serd.score` pools them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model_build.corpora import Utterance
from model_build.corpora.ravdess import LABELS
from model_build.networks.head import Head, features
from model_build.statistics.metrics import Probabilities
from model_build.training.encoded_clips import EncodedClips
from serd.inference.decision import Rules, evidence
from serd.inference.frontend import Rows
from serd.inference.model import sigmoid, softmax
from serd.scoring.clip import clip_probabilities


@dataclass(frozen=True, eq=False)
class HeadAnswers:
    """Logits of the windows of some clips, and how much each window counts."""

    clips: tuple[Utterance, ...]
    logits: list[Rows]
    """Logits of each clip's windows (windows, outputs); no window where the head was not asked."""
    weights: list[NDArray[np.float64]]
    """Evidence of each clip's windows (windows,)."""

    @classmethod
    def make(cls, head: Head, encoded: EncodedClips, rules: Rules, chosen: Callable[[Utterance], bool]) -> HeadAnswers:
        """Ask a head about the chosen clips."""
        picked = [k for k, clip in enumerate(encoded.clips) if chosen(clip)]
        windows = [np.flatnonzero(encoded.states.clip == k) for k in picked]
        if not picked:
            return cls((), [], [])
        order = np.concatenate(windows)
        answers = head.answers(features(encoded.states.statistics[order], head.layers))
        ends = np.cumsum([len(indices) for indices in windows])[:-1]
        weights = np.array([evidence(float(encoded.states.heard_s[k]), rules) for k in order])
        return cls(tuple(encoded.clips[k] for k in picked), np.split(answers, ends), np.split(weights, ends))

    def probabilities(self, temperature: float) -> Probabilities:
        """Probabilities (clips, labels); 0 throughout for a clip that was not asked about."""
        rows = []
        for logits, weights in zip(self.logits, self.weights, strict=True):
            windows = softmax(logits[:, :-1] / temperature)
            clip = clip_probabilities(list(windows), list(weights))
            rows.append(np.zeros(logits.shape[1] - 1) if clip is None else clip)
        return np.stack(rows) if rows else np.zeros((0, len(LABELS)))

    def activation(self, temperature: float) -> NDArray[np.float64]:
        """Probability of high activation (clips,); one half for a clip that was not asked about."""
        odds = [
            float(np.average(logits[:, -1], weights=weights)) if len(logits) else 0.0
            for logits, weights in zip(self.logits, self.weights, strict=True)
        ]
        return sigmoid(np.array(odds) / temperature)
