"""Gathering: a person's reference from what they say, and how much of that was of use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from serd.audio.source import EndOfStream, KeepAlive, Source, never_abort
from serd.defaults import MODEL, STRIDE_S
from serd.errors import ConfigError, UsageError
from serd.inference.model import SPEECH, Model, load
from serd.inference.pipeline import Pipeline
from serd.inference.quality import InputStatus
from serd.inference.reference import Reference
from serd.inference.running_reference import Moments
from serd.inference.step import Step

LEAST_S = 5.0
"""Good speech of which a reference is accepted."""
WEAK_S = 12.0
"""Good speech below which it is called weak: what serd-base was measured with is of 12 s and more."""
READ_TIMEOUT_S = 0.1

WORDS: dict[InputStatus, str] = {
    "clipped": "clipped: turn the gain down, or speak from further away",
    "offset": "with a constant offset: try another input of the device",
    "constant": "that never changed: check the device's connection",
    "silent": "nothing but zeros: see whether the device is muted",
}


class Gathering:
    """Hears one person, in one source after the other."""

    def __init__(self, model: str) -> None:
        """Raises ConfigError for a model that cannot be loaded, or knows no reference."""
        self.emotion: Model = load(model)
        if self.emotion.contract.reference is None:
            raise ConfigError(f"model {self.emotion.title}: knows no reference of a person; give --model {MODEL}")
        self._speech = load(SPEECH, "speech")
        self._moments: Moments | None = None
        self._spoken: Counter[InputStatus] = Counter()
        self._unspoken: Counter[InputStatus] = Counter()
        """Strides with and without speech, by the input's status."""
        self.speech_s = self.heard_s = 0.0
        """Speech so far, good or not, and all that was heard, in seconds."""

    @property
    def good_s(self) -> float:
        """Speech that is of use, in seconds: its windows hold enough of it, and nothing is wrong with the input."""
        return 0.0 if self._moments is None else self._moments.seconds

    @property
    def sample_rate(self) -> int:
        """Rate of the sources, Hz."""
        return self._speech.contract.front_end.stft.sample_rate

    @property
    def fault(self) -> str:
        """What is wrong with most of the speech, or of the whole input where there is none; empty where nothing is."""
        strides = self._spoken or self._unspoken
        return WORDS.get(strides.most_common(1)[0][0], "") if strides else ""

    def hear(
        self,
        source: Source,
        wanted_s: float,
        longest_s: float,
        progress: Callable[[], None],
        keep_alive: KeepAlive = never_abort,
    ) -> None:
        """Hear an opened source until there are `wanted_s` of good speech in all, at its end, or after `longest_s` of
        it. Raises SerdError, DeviceLost."""
        pipeline = Pipeline.assemble(self.emotion, self._speech, STRIDE_S)
        until_s = self.heard_s + longest_s
        while self.good_s < wanted_s and self.heard_s < until_s and not keep_alive():
            try:
                block = source.read(READ_TIMEOUT_S)
            except EndOfStream:
                self._take(pipeline.finish(), pipeline, wanted_s)
                return
            if block is not None:
                self._take(pipeline.push(block), pipeline, wanted_s)
                progress()

    def reference(self) -> Reference:
        """What was gathered. Raises UsageError where that is too little."""
        if self._moments is None or self.good_s < LEAST_S:
            why = f"; {self.fault}" if self.fault else ""
            raise UsageError(
                f"enrolment: {self.good_s:.1f} s of good speech in {self.heard_s:.0f} s, at least {LEAST_S:.0f} s are"
                f" needed{why}; nothing was kept"
            )
        return Reference(self._moments.mean.astype("float32"), self.good_s)

    def _take(self, steps: Iterator[Step], pipeline: Pipeline, wanted_s: float) -> None:
        for step in steps:
            if self.good_s < wanted_s:
                self._count(step, pipeline)

    def _count(self, step: Step, pipeline: Pipeline) -> None:
        self.heard_s += pipeline.stride_s
        spoken = step.scores.speech >= pipeline.rules.speech_on
        self.speech_s += pipeline.stride_s * spoken
        status = step.quality.status
        (self._spoken if spoken else self._unspoken)[status] += 1
        if spoken and status == "ok" and step.scores.statistics is not None:
            window = Moments(step.scores.statistics, pipeline.stride_s)
            if self._moments is None:
                self._moments = window
            else:
                self._moments.join(window)
