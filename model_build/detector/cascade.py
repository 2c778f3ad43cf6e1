"""How well speech is told from everything else: streams with a known answer, and what the cascade makes of them.

Every figure is of the cascade as serd runs it: probabilities once a stride, the gate of `serd.inference.decision`
with its hysteresis and hold, and the least amount of speech before the emotion network is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from model_build.clips import acoustics as noise
from model_build.clips.speech import PRESENT_S, RATE, STRIDE, active, level, load, recent_speech, runs
from model_build.clips.streams import as16, silence
from model_build.corpora import Utterance
from serd.block import Samples
from serd.inference.decision import Rules, SpeechGate

Probabilities = NDArray[np.float64]

STRIDE_S = STRIDE / RATE
EMOTION_S = 3.0
"""The emotion network's window."""
PAUSE_S = 3.0
"""Between two clips, so that each finds an empty window."""


@dataclass(frozen=True)
class SpeechStream:
    """A stream of clips with pauses between, and where there is speech."""

    samples: Samples
    mask: NDArray[np.bool_]


def speech_stream(
    rng: Generator, chosen: Sequence[Utterance], snr_db: float | None = None, noises: Sequence[Samples] = ()
) -> SpeechStream:
    """Clips at their own levels with pauses of about PAUSE_S; clean, or with noise through clip and pause."""
    parts, masks = [silence(int(PAUSE_S * RATE))], [np.zeros(int(PAUSE_S * RATE), bool)]
    for clip in chosen:
        samples = load(clip)
        mask = active(samples)
        pause = int((PAUSE_S + rng.uniform(0, STRIDE_S)) * RATE)
        piece = np.append(samples, silence(pause))
        if snr_db is not None:
            sound = noise.unit(np.resize(noises[int(rng.integers(len(noises)))], len(piece)))
            piece = piece + sound * np.float32(level(samples, mask) * 10 ** (-snr_db / 20))
        parts.append(piece.astype(np.float32))
        masks.append(np.append(mask, np.zeros(pause, bool)))
    samples = np.concatenate(parts)
    dither = (rng.uniform(-1, 1, len(samples)) / 32768).astype(np.float32)
    whole = len(samples) // STRIDE * STRIDE
    return SpeechStream(as16(samples + dither), np.concatenate(masks)[:whole])


@dataclass(frozen=True)
class CascadeStates:
    """What the cascade makes of a stream's probabilities, stride by stride."""

    speaking: NDArray[np.bool_]
    """The gate is open (hold included)."""
    asked: NDArray[np.bool_]
    """There is speech enough in the window: the emotion network is asked."""


def run_cascade(p: Probabilities, rules: Rules) -> CascadeStates:
    """The pipeline's own rules over a stream."""
    cascade, speaking, asked = SpeechGate(rules, STRIDE_S, EMOTION_S), [], []
    for one in p:
        speaking.append(cascade.step(float(one)))
        asked.append(speaking[-1] and cascade.heard_enough)
    return CascadeStates(np.array(speaking, bool), np.array(asked, bool))


def missed_speech(stream: SpeechStream, p: Probabilities, rules: Rules) -> dict[str, float]:
    """What the cascade does not hear of a stream's speech.

    `windows`: of the emotion windows (3 s) that end with speech (at least PRESENT_S of it in the last 0.5 s)
    and hold at least speech_min_s + 0.5 s of it, the share for which the emotion network is not asked.
    `strides`: of all strides that end with speech, the share with a closed gate. `delay_s`: median time from
    the onset of speech after a pause to the end of the first stride for which the network is asked.
    `pauses`: of the strides after 1 s and more without speech, the share with an open gate.
    """
    recent, gated = recent_speech(stream.mask, len(p)) >= PRESENT_S, run_cascade(p, rules)
    total = np.concatenate([[0], np.cumsum(stream.mask)])
    ends = np.arange(1, len(p) + 1) * STRIDE
    within = [(total[ends] - total[np.maximum(ends - int(s * RATE), 0)]) / RATE for s in (EMOTION_S, 1.0)]
    full, still = recent & (within[0] >= rules.speech_min_s + 0.5), within[1] == 0
    asked, delays, before = ends[gated.asked], [], -RATE
    for start, end in runs(stream.mask):
        if start - before >= RATE and len(asked) and start < asked[-1]:
            delays.append(int(asked[np.searchsorted(asked, start)]) - int(start))
        before = end
    return {
        "windows": 1 - float(gated.asked[full].mean()) if full.any() else float("nan"),
        "strides": 1 - float(gated.speaking[recent].mean()) if recent.any() else float("nan"),
        "delay_s": float(np.median(delays)) / RATE if delays else float("nan"),
        "pauses": float(gated.speaking[still].mean()) if still.any() else float("nan"),
        "of_windows": int(full.sum()),
    }


@dataclass
class FalseSpeech:
    """False speech in sound without any."""

    strides: int = 0
    open: int = 0
    """Strides with an open gate."""
    runs: int = 0
    """Times the gate opened and stayed open for 0.5 s beyond its hold."""
    asked: int = 0
    """Times the emotion network began to be asked."""
    segments: int = 0
    """Emotion segments, where a whole pipeline was run."""

    def add(self, p: Probabilities, rules: Rules) -> None:
        """Count a stream in."""
        gated = run_cascade(p, rules)
        self.strides += len(p)
        self.open += int(gated.speaking.sum())
        lengths = np.diff(runs(gated.speaking), axis=1) * STRIDE_S
        self.runs += int((lengths >= rules.speech_hold_s + 0.5).sum())
        self.asked += len(runs(gated.asked))

    def figures(self) -> dict[str, float]:
        """The share of strides, and how often an hour."""
        hours = self.strides * STRIDE_S / 3600
        return {
            "hours": hours,
            "open": self.open / self.strides,
            "runs_per_hour": self.runs / hours,
            "asked_per_hour": self.asked / hours,
            "segments_per_hour": self.segments / hours,
        }


@dataclass(frozen=True)
class RuleLimits:
    """What rules must keep, on average over the streams they are chosen on."""

    windows: float = 0.025
    """Greatest share of windows missed."""
    delay_s: float = 1.0
    """Greatest delay from the onset of speech to the first question."""
    pauses: float = 0.03
    """Greatest share of the pauses in which the gate is open: a low `speech_off` buys the rest with them."""


def choose_rules(
    speech: Sequence[tuple[SpeechStream, Probabilities]], noises: Sequence[Probabilities], limits: RuleLimits
) -> Rules:
    """The rules that keep the demands under which the emotion network is asked least often without speech.

    Of equal ones those that miss least. The defaults, where none keeps the demands.
    """
    best, chosen = (np.inf, np.inf), Rules()
    levels = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
    for on, off, least in product(levels, levels, (0.5, 0.75, 1.0)):
        if off >= on:
            continue
        rules = replace(Rules(), speech_on=on, speech_off=off, speech_min_s=least)
        misses = [missed_speech(stream, p, rules) for stream, p in speech]
        lost, delay, still = (float(np.mean([one[key] for one in misses])) for key in ("windows", "delay_s", "pauses"))
        if not (lost <= limits.windows and delay <= limits.delay_s and still <= limits.pauses):
            continue
        alarms = FalseSpeech()
        for p in noises:
            alarms.add(p, rules)
        best, chosen = min((best, chosen), ((alarms.asked, lost), rules), key=lambda pair: pair[0])
    return chosen
