"""What is kept of a run: its recipe, how the training went, and what it said of each test clip, by columns.

A record stands alone: all that a report says of a run can be worked out from its file. Probabilities are
integers, in thousandths.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from model_build.corpora import EMOTIONS
from model_build.evaluation.confidence import PublishedConfidence
from model_build.evaluation.trial import Trial
from model_build.experiments.study import Runnable
from model_build.files import cache
from model_build.statistics.bootstrap import Tally, accuracy
from model_build.statistics.predictions import Answers
from serd.errors import UsageError

FORMAT = 1


@dataclass(frozen=True, eq=False)
class Record:
    """A finished run."""

    run: dict[str, Any]
    """The experiment, see `Experiment.document`."""
    name: str
    key: str
    labels: tuple[str, ...]
    """The labels of the network's outputs."""
    numbers: dict[str, Any]
    """Parameters, MACs, clips of each part, best epoch, temperature, faults, seconds."""
    history: dict[str, list[float]]
    """Columns of the epochs: loss, validation loss, validation accuracy."""
    answers: dict[str, Answers]
    """Answers by corpus; those of the quantized network under `int8`."""
    published: dict[str, PublishedConfidence] = field(default_factory=dict)
    """Confidences by window, of some of the answers' clips."""
    streamed: Trial | None = None
    """Test clips followed through conversations; None where that was not tried."""
    tallies: dict[str, Tally] = field(default_factory=dict)
    """How often each answer was given, by speaker, where many tests were made and answers clip by clip are not kept."""


def path(folder: Path, run: Runnable) -> Path:
    """Where an experiment's record stands: in its family's folder."""
    return folder / run.family / f"{run.name}.json"


def done(folder: Path, run: Runnable) -> bool:
    """Whether there is a record of this very recipe."""
    try:
        data = json.loads(path(folder, run).read_text(encoding="utf-8"))
        return bool(data["format"] == FORMAT and data["key"] == run.key)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def write(folder: Path, record: Record) -> Path:
    """Write a record into this very folder, whole or not at all; returns its path."""
    data = {
        "format": FORMAT,
        "name": record.name,
        "key": record.key,
        "run": record.run,
        "labels": record.labels,
        "emotions": EMOTIONS,
        "numbers": record.numbers,
        "history": record.history,
        "answers": {part: _columns(answers) for part, answers in record.answers.items()},
    }
    if record.published:
        data["published"] = {part: published.columns() for part, published in record.published.items()}
    if record.streamed is not None:
        data["streamed"] = record.streamed.columns()
    if record.tallies:
        data["tallies"] = {part: tally.columns() for part, tally in record.tallies.items()}
    target = folder / f"{record.name}.json"
    with cache.replacing(target) as written:
        written.write_text(json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n", encoding="utf-8")
    return target


def read(file: Path) -> Record:
    """A record from its file. Raises UsageError that says what is wrong with it."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"its format is {data['format']}, this version reads {FORMAT}")
        answers = {part: _answers(columns, data["emotions"]) for part, columns in data["answers"].items()}
        published = data.get("published", {}).items()
        streamed = data.get("streamed")
        return Record(
            run=data["run"],
            name=data["name"],
            key=data["key"],
            labels=tuple(data["labels"]),
            numbers=data["numbers"],
            history=data["history"],
            answers=answers,
            published={
                part: PublishedConfidence.parse(columns, len(answers[part].clip)) for part, columns in published
            },
            streamed=None if streamed is None else Trial.parse(streamed),
            tallies={part: Tally.parse(columns) for part, columns in data.get("tallies", {}).items()},
        )
    except (OSError, ValueError, LookupError, TypeError) as error:
        text = f"{type(error).__name__}: {error}" if isinstance(error, LookupError | TypeError) else str(error)
        raise UsageError(f"{file}: no record of a study ({text}); remove it and run the study anew") from None


def read_all(folder: Path) -> list[Record]:
    """All records of a folder and of those in it. Raises UsageError."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; `python -m model_build study` writes its records there")
    return [read(file) for file in sorted(folder.rglob("*.json"))]


def summary(record: Record) -> str:
    """What a run came to, in a line."""
    parts = []
    for name, part in record.answers.items():
        truth = [record.labels.index(EMOTIONS[k]) if EMOTIONS[k] in record.labels else -1 for k in part.emotion]
        right = float((part.probabilities.argmax(axis=1) == np.array(truth)).mean())
        parts.append(f"{name} {right:.3f} of {len(truth)}")
    for name, tally in record.tallies.items():
        parts.append(f"{name} {float(accuracy(tally.total)):.3f} of {tally.total.sum():.0f}")
    numbers = record.numbers
    size = f"{numbers['parameters'] / 1000:.0f} thousand parameters, {numbers['macs'] / 1e6:.1f} M MACs"
    return f"{record.name}: {', '.join(parts)} right; {size}, epoch {numbers['epoch']}, {numbers['wall_s']:.0f} s"


def _columns(answers: Answers) -> dict[str, Any]:
    genders = {"": 0, "female": 1, "male": 2}
    return {
        "corpus": answers.corpus,
        "clip": answers.clip.tolist(),
        "speaker": answers.speaker.tolist(),
        "gender": [genders[gender] for gender in answers.gender.tolist()],
        "intensity": answers.intensity.tolist() if (answers.intensity != "").any() else None,
        "emotion": answers.emotion.tolist(),
        "probabilities": np.rint(1000 * answers.probabilities).astype(int).T.tolist(),
    }


def _answers(columns: dict[str, Any], emotions: list[str]) -> Answers:
    genders = np.array(["", "female", "male"])
    count = len(columns["clip"])
    probabilities = np.array(columns["probabilities"], np.float64).T / 1000
    for name in ("speaker", "gender", "emotion"):
        if len(columns[name]) != count:
            raise ValueError(f"{count} clips and {len(columns[name])} in column {name}")
    if len(probabilities) != count:
        raise ValueError(f"{count} clips and {len(probabilities)} with probabilities")
    return Answers(
        corpus=columns["corpus"],
        clip=np.array(columns["clip"]),
        speaker=np.array(columns["speaker"]),
        gender=genders[columns["gender"]],
        intensity=np.array(columns["intensity"] or [""] * count),
        emotion=np.array([EMOTIONS.index(emotions[k]) for k in columns["emotion"]], np.intp),
        probabilities=probabilities,
    )
