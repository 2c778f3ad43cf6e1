"""Read speech without emotion: how often an emotion other than neutral or calm is announced in it.

A model that says little strays little: a row holds beside what was announced what would have been, had confidence
alone decided about as many frames. The targets are numbers (`evaluation.targets`), not another model's answers, so that
a row says the same of a model file whatever other files are installed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from model_build.clips.speech import recordings
from model_build.corpora import Utterance
from model_build.evaluation.conversations import PAUSES_S, conversation
from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.replay import Frame, replay
from model_build.evaluation.row import Exposure, Row
from model_build.evaluation.spread import spread
from model_build.evaluation.targets import STRAYED
from model_build.files.progress import Say
from model_build.statistics.bootstrap import interval

CORPUS = "librispeech"
ORIGIN = "half of what thesis-cnn 1.0 strayed at the confidence where it decided as much"
EVEN = ("neutral", "calm")
QUICK = 2
"""Clips of each speaker, if quick."""
SEED = 4

BySpeaker = Mapping[str, Sequence[str | None]]
"""Each speaker's frames with speech: the label announced, None while undecided."""


@dataclass(frozen=True, slots=True)
class Strayed:
    """How much was decided about frames with speech, and how much of it has an emotion that is not there."""

    frames: int
    decided: int
    strayed: int

    @property
    def coverage(self) -> float:
        """Share of frames that were decided; 0 without frames."""
        return self.decided / self.frames if self.frames else 0.0

    @property
    def share(self) -> float:
        """Share of all frames that strayed; NaN without frames."""
        return self.strayed / self.frames if self.frames else float("nan")


def strayed(labels: BySpeaker) -> Strayed:
    """Count announced labels, over all speakers."""
    every = [label for of_speaker in labels.values() for label in of_speaker]
    decided = [label for label in every if label is not None]
    return Strayed(len(every), len(decided), sum(label not in EVEN for label in decided))


def spoken(frames: Sequence[Frame]) -> list[Frame]:
    """Frames with speech, whatever was made of it."""
    return [frame for frame in frames if frame.state != "no-speech"]


def published(heard: Mapping[str, Sequence[Frame]]) -> dict[str, list[str | None]]:
    """The labels as announced."""
    return {speaker: [frame.label for frame in spoken(frames)] for speaker, frames in heard.items()}


def at_coverage(heard: Mapping[str, Sequence[Frame]], coverage: float) -> dict[str, list[str | None]]:
    """The likeliest labels of the most confident frames, `coverage` of all with speech.

    Frames for which the network was not asked remain undecided, however much is to be covered.
    """
    asked = sorted((f.confidence for frames in heard.values() for f in spoken(frames) if f.likeliest), reverse=True)
    count = min(len(asked), round(coverage * sum(len(spoken(frames)) for frames in heard.values())))
    threshold = asked[count - 1] if count else float("inf")
    return {
        speaker: [frame.likeliest if frame.confidence >= threshold else None for frame in spoken(frames)]
        for speaker, frames in heard.items()
    }


def rows(subject: ModelUnderTest, say: Say, quick: bool) -> Iterator[Row]:
    """Strayed emotions in read speech. Raises UsageError, ConfigError."""
    clips = recordings(subject.data, CORPUS)
    speakers = sorted({u.speaker for u in clips})
    unheard = [
        one for one in speakers if subject.heard(CORPUS, [one]) == subject.heard_by_detector(CORPUS, [one]) == "unseen"
    ]
    chosen = unheard or speakers
    by_speaker = [tuple(u for u in clips if u.speaker == one)[: QUICK if quick else None] for one in chosen]
    heard = _replayed(subject.model, by_speaker, subject.jobs)
    say(f"neutral speech: {len(chosen)} speakers")
    yield strayed_row(heard, subject.heard(CORPUS, chosen), STRAYED.get(subject.contract.name))


def strayed_row(heard: Mapping[str, Sequence[Frame]], known: Exposure, most: float | None) -> Row:
    """The row of each speaker's frames; `most` is the target, None where a model has none."""
    labels_of = published(heard)
    stray, even = strayed(labels_of), strayed(at_coverage(heard, strayed(labels_of).coverage))
    names = sorted(labels_of)
    counted = [strayed({name: labels_of[name]}) for name in names]
    low, high = interval(names, lambda drawn: _pooled([counted[k] for k in drawn]).share)
    labels = Counter(label for of_speaker in labels_of.values() for label in of_speaker if label is not None)
    origin = "" if most is None else f"; the target is {ORIGIN}"
    return Row(
        "neutral speech: strayed emotions",
        "share of frames with speech announced as neither neutral nor calm, LibriSpeech read by "
        f"{len(names)} speakers, pauses of {PAUSES_S[0]:g} to {PAUSES_S[1]:g} s, room tone{origin}",
        stray.share,
        "share",
        known,
        low=low,
        high=high,
        most=most,
        count=stray.frames,
        detail={
            "decided": stray.coverage,
            "strayed, of decided": stray.strayed / stray.decided if stray.decided else 0.0,
            "strayed, by confidence alone": even.share,
            **{label: count / stray.frames for label, count in sorted(labels.items())},
        },
    )


def _replayed(model: str, by_speaker: Sequence[Sequence[Utterance]], jobs: int) -> dict[str, tuple[Frame, ...]]:
    frames = spread(partial(_hear, model), enumerate(by_speaker), jobs)
    return {clips[0].speaker: of_speaker for clips, of_speaker in zip(by_speaker, frames, strict=True)}


def _hear(model: str, stream: tuple[int, Sequence[Utterance]]) -> tuple[Frame, ...]:
    number, clips = stream
    return replay(conversation(np.random.default_rng([SEED, number]), clips).samples, model).frames


def _pooled(counted: Sequence[Strayed]) -> Strayed:
    return Strayed(*(sum(getattr(one, name) for one in counted) for name in ("frames", "decided", "strayed")))
