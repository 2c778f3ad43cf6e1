"""Clips of conversations that were followed, as a record keeps them, too: pooled over models, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from model_build.clips.speech import RATE
from model_build.evaluation.alignment import Alignment
from model_build.evaluation.conversations import Turn
from model_build.evaluation.row import Exposure, Row

TIMES = ("onset_s", "end_s", "until_s")
"""Times of a `Turn`: in columns they are samples, as positions in a stream are."""


@dataclass(frozen=True)
class Trial:
    """Clips that were followed, and what is made of each of them alone."""

    labels: tuple[str, ...]
    """The labels that the model can give; all clips have one of them."""
    followed: tuple[Alignment, ...]
    answers: tuple[str | None, ...]
    """`serd.score`'s of the same clips, clean and one by one; None: no speech."""
    heard: Exposure
    protocol: str
    """What was listened to, in words."""

    @property
    def speakers(self) -> list[str]:
        """The speaker of each clip."""
        return [one.turn.speaker for one in self.followed]

    def row(
        self,
        name: str,
        what: str,
        *,
        value: float,
        unit: str,
        interval: tuple[float, float],
        most: float | None = None,
        least: float | None = None,
        detail: dict[str, float] | None = None,
    ) -> Row:
        """A measure of these clips, as a row."""
        low, high = interval
        return Row(
            name=f"streaming: {name}",
            protocol=f"{what}; {self.protocol}",
            value=value,
            unit=unit,
            heard=self.heard,
            low=low,
            high=high,
            most=most,
            least=least,
            count=len(self.followed),
            detail=detail or {},
        )

    def columns(self) -> dict[str, Any]:
        """The trial as JSON has it, an entry a clip; labels by their index, times in samples at 16 kHz."""
        index: dict[str | None, int | None] = {None: None, **{label: k for k, label in enumerate(self.labels)}}
        turns = [one.turn for one in self.followed]
        states = sorted({state for one in self.followed for state in one.frames})
        return {
            "labels": list(self.labels),
            "heard": self.heard,
            "protocol": self.protocol,
            "clip": [one.name for one in turns],
            "speaker": self.speakers,
            "emotion": [index[one.emotion] for one in turns],
            **{name: [round(getattr(one, name) * RATE) for one in turns] for name in TIMES},
            "delay_s": [None if one.delay_s is None else round(one.delay_s * RATE) for one in self.followed],
            "announced": [[index[label] for label in one.labels] for one in self.followed],
            "segment": [int(one.segment) for one in self.followed],
            "frames": {state: [one.frames.get(state, 0) for one in self.followed] for state in states},
            "answer": [index[answer] for answer in self.answers],
        }

    @classmethod
    def parse(cls, columns: dict[str, Any]) -> Trial:
        """Read a trial from `columns`. Raises ValueError, KeyError, IndexError or TypeError for anything else."""
        labels = tuple(str(label) for label in columns["labels"])
        count = len(columns["clip"])
        states: dict[str, list[int]] = columns["frames"]
        for name, column in (*((name, columns[name]) for name in (*OWN, *TIMES)), *states.items()):
            if len(column) != count:
                raise ValueError(f"{count} clips and {len(column)} in column {name}")
        followed = []
        for k in range(count):
            times = [columns[name][k] / RATE for name in TIMES]
            delay, announced = columns["delay_s"][k], columns["announced"][k]
            followed.append(
                Alignment(
                    turn=Turn(columns["clip"][k], columns["speaker"][k], labels[columns["emotion"][k]], *times),
                    delay_s=None if delay is None else delay / RATE,
                    labels=tuple(labels[label] for label in announced),
                    segment=bool(columns["segment"][k]),
                    frames={state: column[k] for state, column in states.items() if column[k]},
                )
            )
        answers = tuple(None if answer is None else labels[answer] for answer in columns["answer"])
        return cls(labels, tuple(followed), answers, columns["heard"], columns["protocol"])


OWN = ("speaker", "emotion", "delay_s", "announced", "segment", "answer")
"""Columns that have an entry a clip, beside TIMES and the frames'."""


def pooled(trials: Sequence[Trial]) -> Trial:
    """Clips that several models were tried on, each on its own, as of one trial. Raises ValueError without any."""
    first, *rest = trials
    if any(trial.labels != first.labels for trial in rest):
        raise ValueError("trials of models with other labels are not pooled")
    return Trial(
        first.labels,
        tuple(one for trial in trials for one in trial.followed),
        tuple(answer for trial in trials for answer in trial.answers),
        first.heard if all(trial.heard == first.heard for trial in rest) else "mixed",
        f"{len(trials)} models, each on its own clips, the first: {first.protocol}" if rest else first.protocol,
    )
