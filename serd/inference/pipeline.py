"""The pipeline: blocks in, steps out. The daemon, file replay, scoring and the tests all run this object.

It has no threads, no clock, no device and no socket. What can be computed for all strides of a block at once is; their
number changes no result, so the same audio gives the same steps, bit for bit, whatever the blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from serd.block import Block, Samples
from serd.errors import ConfigError
from serd.events.reference import ReferenceUse
from serd.inference.contract import Contract
from serd.inference.decision import Decider, Rules, SpeechGate
from serd.inference.frontend import Rows, Stft
from serd.inference.history import RowHistory
from serd.inference.known_voice import Known, KnownVoice
from serd.inference.model import Model
from serd.inference.quality import measure
from serd.inference.reference import Reference
from serd.inference.segment import EndedBy, Segment, SegmentTracker
from serd.inference.step import Scores, Step
from serd.inference.stride import Cutter, Stride

TOGETHER = 16
"""Strides of a block that are computed at once, at most: more would not stay in a processor's cache."""


class Pipeline:
    """Holds the stream's context: the last rows of each network, the gate, the decider, the open segment."""

    def __init__(self, emotion: Model, speech: Model, rules: Rules, stride_s: float, known: Known = None) -> None:
        """Raises ConfigError if the two networks, the stride or the enrolled reference do not fit together.

        A model that cannot know a reference has no running one.
        """
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
        self._emotion_rows = RowHistory(front_end.rows)
        self._speech_rows = RowHistory(ears.rows)
        window_s = front_end.rows * front_end.row_hop / self.sample_rate
        self._gate = SpeechGate(rules, self.stride_s, window_s)
        self._decider = Decider(rules, self.stride_s)
        self._tracker = SegmentTracker()
        self._pending: list[Segment] = []
        self._gap = False
        """What a skipped stride would have told: the next one does."""
        self._began = 0
        """Place of the first sample of the context."""
        self.skipped = 0
        """Strides that were not judged."""
        self._spoken = speech.contract.labels.index("speech")
        window = front_end.rows * front_end.row_hop + self._overlap
        self._voice = KnownVoice(emotion, known, math.ceil(window / self.stride))
        self._together = self._voice.together(TOGETHER)

    @classmethod
    def assemble(
        cls,
        emotion: Model,
        speech: Model,
        stride_s: float,
        overrides: Mapping[str, float] | None = None,
        known: Known = None,
    ) -> Pipeline:
        """With the rules of the two contracts, each for its own part, under the user's overrides.

        Raises ConfigError.
        """
        try:
            rules = Rules.make(stated_rules(emotion.contract, speech.contract), overrides or {})
        except ValueError as error:
            raise ConfigError(f"decision rules: {error}; `serd config` shows where each comes from") from None
        return cls(emotion, speech, rules, stride_s, known)

    def push(self, block: Block, skip: bool = False) -> Iterator[Step]:
        """Take a block; yields a step for each stride that it completes.

        With `skip` they are not judged, which saves five sixths of the work. Their rows are kept, so that the next
        window is whole.
        """
        strides = tuple(self._cutter.push(block))
        for run in (strides[k : k + self._together] for k in range(0, len(strides), self._together)):
            if skip:
                self._take(run)
                for _ in run:
                    self._gate.skip()
                    self._voice.advance()
                    self._voice.hear(None, 0.0)
                self.skipped += len(run)
            else:
                yield from self._steps(run)

    def prepare(self) -> None:
        """Load what the first block would wait for: scipy's FFT, which takes longer to import than all else."""
        stft = self.speech.contract.front_end.stft
        stft.power(np.zeros(stft.n_fft, np.float32))

    @property
    def reference(self) -> ReferenceUse | None:
        """What the voice is compared with now; None for a model that cannot."""
        return self._voice.use

    def finish(self) -> Iterator[Step]:
        """The stream's last, incomplete stride, filled up with silence. Then `close`."""
        for stride in self._cutter.finish():
            yield from self._steps((stride,))

    def close(self, ended_by: EndedBy) -> list[Segment]:
        """End the open segment now: the stream stopped, was muted, or its device is lost. A gap alone leaves the
        running reference as it is."""
        self._decider.reset()
        if ended_by != "gap":
            self._voice.forget()
        pending, self._pending = self._pending, []
        return [*pending, *self._tracker.close(ended_by)]

    def _take(self, run: Sequence[Stride]) -> Rows:
        """Add consecutive strides to the context, which a gap empties; the power spectra that the speech detector
        hears. Of a block only the first stride can come after a gap."""
        first = run[0]
        if first.first:
            self._pending = self.close("gap")
            self._gate.reset()
            self._began = first.start
            for context in (self._emotion_rows, self._speech_rows):
                context.clear()
        self._gap = self._gap or first.gap
        samples = first.samples
        if len(run) > 1:
            samples = np.concatenate([samples, *(stride.samples[self._overlap :] for stride in run[1:])])
        front_end, ears = self.emotion.contract.front_end, self.speech.contract.front_end
        power = self._power(samples, ears.stft)
        heard = ears.log_power(power)
        spectra = power if front_end.stft == ears.stft else self._power(samples, front_end.stft)
        alike = spectra is power and front_end.bands == ears.bands and ears.pitch is None
        own = front_end.log_power(spectra, heard if alike else None)
        self._emotion_rows.append(own, len(run))
        self._speech_rows.append(heard, len(run))
        return power

    def _power(self, samples: Samples, stft: Stft) -> Rows:
        """Power spectra of the frames that begin in the strides: their overlap is the larger of two STFTs'."""
        return stft.power(samples[: len(samples) - self._overlap + stft.overlap])

    def _steps(self, run: Sequence[Stride]) -> Iterator[Step]:
        """What there is to say about consecutive strides; the networks are asked about all of them together."""
        power = self._take(run)
        speech = self._speech_probabilities(len(run))
        gate, asked = [], []
        for number, spoken in enumerate(speech):
            speaking = self._gate.step(spoken)
            gate.append((speaking, self._gate.heard_s))
            if speaking and self._gate.heard_enough:
                asked.append(number)
        references = [self._voice.advance() for _ in run]
        answers = iter(self._answers(asked, references))
        frames = len(power) // len(run)
        row_hop = self.emotion.contract.front_end.row_hop
        for number, (stride, spoken, (speaking, heard_s)) in enumerate(zip(run, speech, gate, strict=True)):
            fresh = stride.samples if stride.first else stride.samples[self._overlap :]
            quality = measure(fresh, power[number * frames :][:frames], self.sample_rate, stride.heard)
            raw: NDArray[np.float64] | None = None
            activation: float | None = None
            statistics: Rows | None = None
            if not speaking:
                decision = self._decider.silent(quality.level)
            elif number not in asked:
                decision = self._decider.unheard()
            else:
                raw, activation, statistics = next(answers)
                decision = self._decider.step(raw, heard_s, activation)
            self._voice.hear(statistics, self.stride_s if spoken >= self.rules.speech_on else 0.0)
            # Not before the beginning, of the stream or after a gap, even if the source has set its time back since.
            whole = stride.end - self._overlap - len(self._emotion_rows.window(number)) * row_hop
            start = max(min(self._began, stride.start), whole)
            changes = self._tracker.step(
                decision, stride.end - self.stride, stride.end, raw, spoken, quality=quality, activation=activation
            )
            ended, self._pending = self._pending, []
            gap, self._gap = self._gap, False
            yield Step(
                Scores(start, stride.end, spoken, raw, heard_s, activation, statistics),
                decision,
                (*ended, *changes),
                quality,
                gap,
                stride.arrived,
                stride.overflows,
                self._voice.used(references[number]),
            )

    def _speech_probabilities(self, count: int) -> list[float]:
        scale = self.speech.contract.front_end.scale
        windows = np.stack([scale(self._speech_rows.window(number)) for number in range(count)])
        return [float(one) for one in self.speech.probabilities(windows)[:, self._spoken]]

    def _answers(
        self, asked: Sequence[int], references: Sequence[Reference | None]
    ) -> Iterator[tuple[NDArray[np.float64], float | None, Rows | None]]:
        """The emotion network's probabilities (labels,), activation and statistics (width,) at the ends of these
        strides of the run."""
        if asked:
            scale = self.emotion.contract.front_end.scale
            windows = np.stack([scale(self._emotion_rows.window(number)) for number in asked])
            answers = self.emotion.answers(windows, [references[number] for number in asked])
            for number, probabilities in enumerate(answers.probabilities):
                activation = None if answers.activation is None else float(answers.activation[number])
                yield probabilities, activation, None if answers.statistics is None else answers.statistics[number]


def stated_rules(emotion: Contract, speech: Contract) -> dict[str, float]:
    """The rules that two models' contracts give, each for its own part."""
    own = {name: value for name, value in emotion.thresholds.items() if not name.startswith("speech_")}
    return own | speech.thresholds
