"""How well a network does, clip by clip and window by window, as the daemon would ask it.

The scorer is the daemon's interface, so a Keras network and its int8 form are measured by the same code.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model_build.clips.features import Clip, stride
from model_build.clips.windows import Windows, asked_windows
from model_build.statistics.metrics import Labels, Probabilities, calibration_error, figures, fit_temperature, log_loss
from serd.inference.decision import Rules, evidence
from serd.inference.frontend import FrontEnd, Rows
from serd.inference.model import softmax
from serd.inference.scorer import Scorer
from serd.scoring.clip import clip_probabilities

BATCH = 128
PLAIN = Rules()
"""All windows of a clip count alike: how the thesis' network is judged."""


class KerasScorer(Scorer):
    """A Keras network behind the daemon's interface."""

    def __init__(self, model: keras.Model) -> None:
        self._model = model

    def logits(self, windows: Rows) -> Rows:
        """(n, rows, bands) in [0, 1] -> (n, labels)."""
        logits: Rows = self._model.predict(windows[..., np.newaxis], batch_size=BATCH, verbose=0)
        return logits


@dataclass(frozen=True, eq=False)
class Windowed:
    """Clips with their windows and the indices of their labels."""

    clips: Sequence[Clip]
    windows: Windows
    truth: Labels
    """The index of each clip's label (n,)."""

    @classmethod
    def make(cls, clips: Sequence[Clip], front_end: FrontEnd, labels: Sequence[str]) -> Windowed:
        """Cut the windows. Raises ValueError for a clip whose emotion is not among the labels."""
        return cls(clips, asked_windows(clips, front_end), truths(clips, labels))

    def by_clip(self, windows: Probabilities, rules: Rules) -> Probabilities:
        """Probabilities of the windows (n, labels) -> of the clips, as `serd.score` pools them by these rules."""
        starts = np.searchsorted(self.windows.clip, np.arange(1, len(self.clips)))
        parts = zip(np.split(windows, starts), np.split(self.weights(rules), starts), strict=True)
        pooled = (clip_probabilities(list(of_clip), list(weights)) for of_clip, weights in parts)
        return np.stack([of_clip for of_clip in pooled if of_clip is not None])

    def weights(self, rules: Rules) -> NDArray[np.float64]:
        """How much each window counts beside the others of its clip (n,)."""
        return np.array([evidence(float(heard_s), rules) for heard_s in self.windows.heard_s])


def truths(clips: Sequence[Clip], labels: Sequence[str]) -> Labels:
    """The index of each clip's emotion. Raises ValueError for one that is not among the labels."""
    index = {label: k for k, label in enumerate(labels)}
    try:
        return np.array([index[str(clip.utterance.emotion)] for clip in clips], np.intp)
    except KeyError as error:
        raise ValueError(f"emotion {error} is not among the labels {', '.join(labels)}") from None


def report(test: Windowed, logits: Rows, temperature: float) -> dict[str, Any]:
    """Figures by clip and by window, from the logits of the test's windows."""
    windows = softmax(logits / temperature)
    clips = test.by_clip(windows, PLAIN)
    labels = logits.shape[1]
    window_truth = test.truth[test.windows.clip]
    return {
        "clip": {
            **asdict(figures(test.truth, clips.argmax(axis=1), labels)),
            "log_loss": log_loss(test.truth, clips),
            "calibration_error": calibration_error(test.truth, clips),
        },
        "window": {
            **asdict(figures(window_truth, windows.argmax(axis=1), labels)),
            "log_loss": log_loss(window_truth, windows),
            "calibration_error": calibration_error(window_truth, windows),
        },
    }


def predictions(test: Windowed, logits: Rows, temperature: float) -> dict[str, Any]:
    """One entry a clip, column by column; probabilities in thousandths."""
    clips = test.by_clip(softmax(logits / temperature), PLAIN)
    return {
        "clip": [clip.utterance.name for clip in test.clips],
        "truth": test.truth.tolist(),
        "probabilities": np.rint(1000 * clips).astype(int).T.tolist(),
    }


def smoothed(test: Windowed, logits: Rows, front_end: FrontEnd, rules: Rules) -> Rows:
    """Logits after the decision's exponential mean within each clip, whose softmax is what is published."""
    stride_s = stride(front_end) / front_end.stft.sample_rate
    keep = math.exp(-stride_s / rules.smoothing_s) if rules.smoothing_s > 0 else 0.0
    smooth: NDArray[np.float32] = logits.copy()
    weights = test.weights(rules)
    for k in range(1, len(smooth)):
        if test.windows.clip[k] == test.windows.clip[k - 1]:
            weight = weights[k]
            weights[k] += keep * weights[k - 1]
            smooth[k] = smooth[k - 1] + weight / weights[k] * (smooth[k] - smooth[k - 1])
    return smooth


def calibrate(test: Windowed, scorer: Scorer, front_end: FrontEnd, rules: Rules) -> float:
    """The temperature for the probabilities that the daemon publishes: of windows, after smoothing."""
    logits = smoothed(test, scorer.logits(test.windows.inputs), front_end, rules)
    return fit_temperature(test.truth[test.windows.clip], logits)
