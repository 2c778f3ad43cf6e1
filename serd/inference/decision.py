"""The decision: from flickering scores to a state one can act on.

Speech first: without it there is no emotion. Then the probabilities are smoothed over time, a label must
lead clearly and for a while before it is announced, and is kept until it clearly no longer holds.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from serd.events.activation import log_odds, probability

State = Literal["no-speech", "uncertain", "emotion"]
Reason = Literal[
    "silence",
    "noise",
    "little-speech",
    "low-confidence",
    "ambiguous",
    "settling",
    "confident",
    "held",
]
Probabilities = NDArray[np.float64]

LEAST = 1e-4
"""Probabilities are not taken for smaller than this: one window cannot veto a label for ever."""


@dataclass(frozen=True)
class Rules:
    """The numbers of the decision. The model's contract gives them, configuration overrides."""

    speech_on: float = 0.6
    """Probability at which speech begins."""
    speech_off: float = 0.4
    """Probability below which speech may end (hysteresis)."""
    speech_hold_s: float = 0.5
    """Speech ends only after this long below `speech_off`: pauses between words are speech."""
    speech_min_s: float = 0.5
    """Speech that the window must hold before the emotion network is asked."""
    silence_db: float = -60.0
    """No speech below this level is called silence, above it noise. It names the reason, decides nothing."""
    smoothing_s: float = 0.75
    """Time constant of the exponential mean over log-probabilities."""
    emotion_on: float = 0.45
    """Smoothed probability at which a label may be announced."""
    emotion_off: float = 0.3
    """Smoothed probability below which an announced label is withdrawn (hysteresis)."""
    margin: float = 0.1
    """Lead over the second label that it takes to be announced, or to replace another."""
    dwell_s: float = 0.5
    """How long that lead must last."""
    switch: float = 0.0
    """Lead over an announced label that it takes to replace it: a label is sooner given than changed."""
    evidence: float = 0.0
    """The power of the speech in a window that tells how much its answer counts beside others; 0: all count alike."""

    @classmethod
    def make(cls, *layers: Mapping[str, float]) -> Rules:
        """Later layers override earlier ones. Raises ValueError naming an unknown rule or an impossible value."""
        merged = {name: value for layer in layers for name, value in layer.items()}
        known = {field.name for field in fields(cls)}
        for name, value in merged.items():
            if name not in known:
                raise ValueError(f"unknown rule {name}; rules are {', '.join(sorted(known))}")
            if not math.isfinite(value):
                raise ValueError(f"{name} must be a finite number")
            if name.endswith("_s") and not 0 <= value <= 60:
                raise ValueError(f"{name} must lie in 0..60 seconds")
            if name == "evidence" and not 0 <= value <= 16:
                raise ValueError("evidence must lie in 0..16")
            if not name.endswith(("_s", "_db")) and name != "evidence" and not 0 <= value <= 1:
                raise ValueError(f"{name} must lie in 0..1")
        rules = cls(**merged)
        if rules.speech_off > rules.speech_on:
            raise ValueError("speech_off must not be above speech_on")
        if rules.emotion_off > rules.emotion_on:
            raise ValueError("emotion_off must not be above emotion_on")
        return rules


class SpeechGate:
    """Whether somebody is speaking, from the detector's probabilities, one a stride."""

    def __init__(self, rules: Rules, stride_s: float, window_s: float) -> None:
        self._rules, self._stride_s = rules, stride_s
        self._hold = round(rules.speech_hold_s / stride_s)
        self._quiet_for: int | None = None  # strides since the last one with speech; None: not speaking
        self._heard: deque[bool] = deque(maxlen=max(1, int(window_s / stride_s + 1e-6)))

    def step(self, speech: float) -> bool:
        """Take one stride's speech probability; True while speech goes on."""
        self._heard.append(speech >= self._rules.speech_on)
        if speech >= self._rules.speech_on:
            self._quiet_for = 0
        elif self._quiet_for is not None:
            self._quiet_for = 0 if speech >= self._rules.speech_off else self._quiet_for + 1
            if self._quiet_for > self._hold:
                self._quiet_for = None
        return self._quiet_for is not None

    def skip(self) -> None:
        """A stride that nobody judged: taken to be as the one before."""
        self._heard.append(bool(self._heard) and self._heard[-1])

    @property
    def heard_enough(self) -> bool:
        """Whether the emotion network's window holds speech enough to ask it.

        What the gate holds over a pause is no evidence: one stray stride of noise would count as three.
        """
        return self.heard_s >= self._rules.speech_min_s

    @property
    def heard_s(self) -> float:
        """Speech in the emotion network's window, in seconds."""
        return sum(self._heard) * self._stride_s

    def reset(self) -> None:
        """Forget what was heard: a gap came."""
        self._quiet_for = None
        self._heard.clear()


def evidence(heard_s: float, rules: Rules) -> float:
    """How much the answer about a window counts that holds so much speech: more than 0.

    A window with half of a sentence is often wrong about it, and there are as many of these as of whole ones.
    """
    return float(max(heard_s, LEAST) ** rules.evidence)


@dataclass(frozen=True, slots=True)
class Decision:
    """What serd says about the stream at the end of one window."""

    state: State
    reason: Reason
    label: int | None
    """Index of the emotion's label; None unless the state is `emotion`."""
    probabilities: Probabilities | None
    """Smoothed, over all labels, summing to 1, given that there is speech; None without speech."""
    confidence: float | None
    """Smoothed probability of the label, or of the likeliest one while uncertain."""
    activation: float | None = None
    """Smoothed probability of high activation; None without speech, or where the network does not tell it."""


class Decider:
    """Smoothing, hysteresis and dwell over the emotion network's probabilities, one step a stride."""

    def __init__(self, rules: Rules, stride_s: float) -> None:
        self._rules = rules
        self._keep = math.exp(-stride_s / rules.smoothing_s) if rules.smoothing_s > 0 else 0.0
        self._dwell = max(1, round(rules.dwell_s / stride_s))
        self.reset()

    def reset(self) -> None:
        """Forget the past: a gap or the end of speech came."""
        self._mean: Probabilities | None = None  # of log-probabilities
        self._activation: float | None = None  # mean of log-odds
        self._weight = 0.0  # of all that this mean is made of, as far as it is not forgotten
        self._label: int | None = None
        self._candidate: int | None = None
        self._lead = 0  # strides for which the candidate has led

    def silent(self, level: float) -> Decision:
        """A stride without speech; `level` in dB of full scale names the reason."""
        self.reset()
        return Decision("no-speech", "silence" if level < self._rules.silence_db else "noise", None, None, None)

    def unheard(self) -> Decision:
        """A stride with speech, but too little of it yet to ask the network."""
        return Decision("uncertain", "little-speech", None, None, None)

    def step(self, probabilities: Probabilities, heard_s: float = 1.0, activation: float | None = None) -> Decision:
        """A stride with speech and the network's answer (labels,); its window holds `heard_s` of speech.

        `activation` is the probability of high activation, of a network that tells it.
        """
        logs = np.log(np.maximum(probabilities, LEAST))
        weight = evidence(heard_s, self._rules)
        self._weight = self._keep * self._weight + weight
        share = weight / self._weight
        self._mean = logs if self._mean is None else (1 - share) * self._mean + share * logs
        roused = self._roused(activation, share)
        smooth = np.exp(self._mean - self._mean.max())
        smooth /= smooth.sum()
        top = int(smooth.argmax())
        lead = float(smooth[top] - np.partition(smooth, -2)[-2])
        announceable = bool(smooth[top] >= self._rules.emotion_on and lead >= self._rules.margin)
        if announceable and top == self._candidate:
            self._lead += 1
        else:
            self._candidate, self._lead = (top, 1) if announceable else (None, 0)
        if announceable and self._lead >= self._dwell and self._replaceable(smooth, top):
            self._label = top
        elif self._label is not None and smooth[self._label] < self._rules.emotion_off:
            self._label = None
        if self._label is not None:
            reason: Reason = "confident" if announceable and top == self._label else "held"
            return Decision("emotion", reason, self._label, smooth, float(smooth[self._label]), roused)
        if announceable:
            reason = "settling"
        else:
            reason = "low-confidence" if smooth[top] < self._rules.emotion_on else "ambiguous"
        return Decision("uncertain", reason, None, smooth, float(smooth[top]), roused)

    def _roused(self, activation: float | None, share: float) -> float | None:
        """The smoothed probability of high activation: a mean of log-odds, weighed as the emotions are."""
        if activation is None:
            return None
        odds, mean = log_odds(activation), self._activation
        self._activation = odds if mean is None else (1 - share) * mean + share * odds
        return probability(self._activation)

    def _replaceable(self, smooth: Probabilities, top: int) -> bool:
        """Whether another label may take the place of the one announced, if there is one."""
        return self._label is None or bool(smooth[top] - smooth[self._label] >= self._rules.switch)
