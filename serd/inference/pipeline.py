"""The pipeline: blocks in, steps out. The daemon, file replay, scoring and the tests all run this object.

It has no threads, no clock, no device and no socket, and computes one stride at a time, so the same
audio gives the same steps, bit for bit, whatever the blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from serd.block import Block
from serd.errors import ConfigError
from serd.inference.contract import Contract
from serd.inference.decision import Decider, Decision, Rules, SpeechGate
from serd.inference.frontend import Rows, Stft
from serd.inference.model import Model
from serd.inference.quality import Quality, measure
from serd.inference.segment import EndedBy, Segment, SegmentTracker
from serd.inference.stride import Cutter, Stride


@dataclass(frozen=True, slots=True)
class Scores:
    """What the networks say of one window."""

    start: int
    end: int
    """Extent in the stream, in samples; shorter than the model's window after a gap or the stream's start."""
    speech: float
    """Probability that there is speech at the window's end."""
    probabilities: NDArray[np.float64] | None
    """Probabilities of all labels (labels,), given speech; None where the network was not asked."""
    heard_s: float
    """Speech that the emotion network's window holds, in seconds."""
    activation: float | None = None
    """Probability of high activation; None where the network was not asked or does not tell it."""


@dataclass(frozen=True, slots=True)
class Step:
    """All there is to say about one stride."""

    scores: Scores
    decision: Decision
    segments: tuple[Segment, ...]
    """Segments that ended or began, in that order."""
    quality: Quality
    gap: bool
    arrived: float
    overflows: int


class Pipeline:
    """Holds the stream's context: the last rows of each network, the gate, the decider, the open segment."""

    def __init__(self, emotion: Model, speech: Model, rules: Rules, stride_s: float) -> None:
        """Raises ConfigError if the two networks or the stride do not fit together."""
        self.emotion, self.speech = emotion, speech
        front_end, ears = emotion.contract.front_end, speech.contract.front_end
        self.sample_rate = ears.stft.sample_rate
        step = math.lcm(front_end.row_hop, ears.row_hop)
        if front_end.stft.sample_rate != self.sample_rate or step > front_end.rows * front_end.row_hop:
            raise ConfigError(
                f"model {emotion.title}: the rows of its STFT {front_end.stft} and those of {speech.title} "
                f"({ears.stft}) do not meet within a window; use models of one generation"
            )
        self.stride = max(1, round(stride_s * self.sample_rate / step)) * step
        """Samples from one window to the next: whole rows of both networks, nearest to what was asked."""
        if self.stride > front_end.rows * front_end.row_hop:
            raise ConfigError(f"stride_s = {stride_s}: longer than the model's window; use 0.25")
        self.stride_s = self.stride / self.sample_rate
        self.rules = rules
        self._overlap = max(front_end.stft.overlap, ears.stft.overlap)
        self._cutter = Cutter(self.stride, self._overlap)
        self._emotion_rows = _History(front_end.rows)
        self._speech_rows = _History(ears.rows)
        window_s = front_end.rows * front_end.row_hop / self.sample_rate
        self._gate = SpeechGate(rules, self.stride_s, window_s)
        self._decider = Decider(rules, self.stride_s)
        self._tracker = SegmentTracker()
        self._pending: list[Segment] = []
        self._gap = False
        """What a skipped stride would have told: the next one does."""
        self.skipped = 0
        """Strides that were not judged."""
        self._spoken = speech.contract.labels.index("speech")

    @classmethod
    def assemble(
        cls, emotion: Model, speech: Model, stride_s: float, overrides: Mapping[str, float] | None = None
    ) -> Pipeline:
        """With the rules of the two contracts, each for its own part, under the user's overrides.

        Raises ConfigError.
        """
        try:
            rules = Rules.make(stated_rules(emotion.contract, speech.contract), overrides or {})
        except ValueError as error:
            raise ConfigError(f"decision rules: {error}; `serd config` shows where each comes from") from None
        return cls(emotion, speech, rules, stride_s)

    def push(self, block: Block, skip: bool = False) -> Iterator[Step]:
        """Take a block; yields a step for each stride that it completes.

        With `skip` they are not judged, which saves five sixths of the work. Their rows are kept, so that the next
        window is whole.
        """
        for stride in self._cutter.push(block):
            if skip:
                self._take(stride)
                self._gate.skip()
                self.skipped += 1
            else:
                yield self._step(stride)

    def finish(self) -> Iterator[Step]:
        """The stream's last, incomplete stride, filled up with silence. Then `close`."""
        for stride in self._cutter.finish():
            yield self._step(stride)

    def close(self, ended_by: EndedBy) -> list[Segment]:
        """End the open segment now: the stream stopped, was muted, or its device is lost."""
        self._decider.reset()
        pending, self._pending = self._pending, []
        return [*pending, *self._tracker.close(ended_by)]

    def _take(self, stride: Stride) -> Rows:
        """Add a stride to the context, which a gap empties; the power spectra that the
        speech detector hears."""
        if stride.first:
            self._pending = self.close("gap")
            self._gate.reset()
            for context in (self._emotion_rows, self._speech_rows):
                context.clear()
        self._gap = self._gap or stride.gap
        front_end, ears = self.emotion.contract.front_end, self.speech.contract.front_end
        power = self._power(stride, ears.stft)
        own = power if front_end.stft == ears.stft else self._power(stride, front_end.stft)
        self._emotion_rows.append(front_end.bands.log(own, front_end.stft))
        self._speech_rows.append(ears.bands.log(power, ears.stft))
        return power

    def _power(self, stride: Stride, stft: Stft) -> Rows:
        """Power spectra of the frames that begin in the stride: its overlap is the larger of two STFTs'."""
        return stft.power(stride.samples[: self.stride + stft.overlap])

    def _step(self, stride: Stride) -> Step:
        power = self._take(stride)
        fresh = stride.samples if stride.first else stride.samples[self._overlap :]
        quality = measure(fresh, power, self.sample_rate, stride.heard)
        front_end = self.emotion.contract.front_end
        speech = self._speech_probability()
        speaking = self._gate.step(speech)
        raw: NDArray[np.float64] | None = None
        activation: float | None = None
        if not speaking:
            decision = self._decider.silent(quality.level)
        elif not self._gate.heard_enough:
            decision = self._decider.unheard()
        else:
            window = front_end.scale(self._emotion_rows.rows)
            answers = self.emotion.answers(window[np.newaxis])
            raw = answers.probabilities[0]
            activation = None if answers.activation is None else float(answers.activation[0])
            decision = self._decider.step(raw, self._gate.heard_s, activation)
        # Not before the stream's beginning, even if the source has set its time back since.
        start = max(0, stride.end - self._overlap - len(self._emotion_rows.rows) * front_end.row_hop)
        changes = self._tracker.step(
            decision, stride.end - self.stride, stride.end, raw, speech, quality=quality, activation=activation
        )
        ended, self._pending = self._pending, []
        gap, self._gap = self._gap, False
        return Step(
            Scores(start, stride.end, speech, raw, self._gate.heard_s, activation),
            decision,
            (*ended, *changes),
            quality,
            gap,
            stride.arrived,
            stride.overflows,
        )

    def _speech_probability(self) -> float:
        window = self.speech.contract.front_end.scale(self._speech_rows.rows)
        return float(self.speech.probabilities(window[np.newaxis])[0, self._spoken])


def stated_rules(emotion: Contract, speech: Contract) -> dict[str, float]:
    """The rules that two models' contracts give, each for its own part."""
    own = {name: value for name, value in emotion.thresholds.items() if not name.startswith("speech_")}
    return own | speech.thresholds


class _History:
    """A history of the last `length` rows."""

    def __init__(self, length: int) -> None:
        self._length = length
        self.clear()

    def clear(self) -> None:
        self.rows: Rows = np.zeros((0, 0), np.float32)

    def append(self, rows: Rows) -> None:
        self.rows = np.concatenate([self.rows, rows])[-self._length :] if self.rows.size else rows[-self._length :]
