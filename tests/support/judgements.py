"""Records of runs that never were, whose statistics are known: so many right of each emotion by each actor."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from model_build.corpora import EMOTIONS, Gender, Utterance
from model_build.corpora.ravdess import INTENSITIES, LABELS, NAME, names
from model_build.experiments.experiment import Experiment
from model_build.experiments.record import Record, path, write
from model_build.experiments.splits import LUNA, random_split
from model_build.statistics.predictions import Answers, answers
from model_build.thesis.experiment import ThesisExperiment

Share = Callable[[Utterance], float]
"""How often the network is right about clips of this speaker (and emotion, and intensity)."""


def ravdess() -> list[Utterance]:
    """All of RAVDESS speech, without its sound."""
    found = []
    for name in sorted(names("01")):
        match = NAME.fullmatch(name)
        assert match
        actor = match["actor"]
        gender: Gender = "male" if int(actor) % 2 else "female"
        found.append(
            Utterance(
                path=Path(name),
                name=name,
                corpus="ravdess-speech",
                speaker=actor,
                gender=gender,
                emotion=LABELS[int(match["emotion"]) - 1],
                intensity=INTENSITIES[match["intensity"]],
                family="ravdess",
            )
        )
    return found


EVERYONE = ravdess()


def said(utterances: Iterable[Utterance], share: Share, labels: tuple[str, ...] = LABELS) -> Answers:
    """Right on the first part of each speaker's clips of an emotion and intensity, and surer where it is right.

    Wrong answers go round the other labels.
    """
    kept = list(utterances)
    place: dict[tuple[str, ...], int] = {}
    total: dict[tuple[str, ...], int] = {}
    for own in kept:
        key = (own.speaker, str(own.emotion), str(own.intensity))
        total[key] = total.get(key, 0) + 1
    probabilities = np.zeros((len(kept), len(labels)))
    for k, own in enumerate(kept):
        key = (own.speaker, str(own.emotion), str(own.intensity))
        nth = place[key] = place.get(key, -1) + 1
        truth = labels.index(str(own.emotion)) if own.emotion in labels else 0
        right = nth < round(share(own) * total[key])
        answer = truth if right else (truth + 1 + nth % (len(labels) - 1)) % len(labels)
        sure = 0.8 if right else 0.6
        probabilities[k] = (1 - sure) / (len(labels) - 1)
        probabilities[k, answer] = sure
    return answers(kept, probabilities)


def who_tests(run: ThesisExperiment) -> list[Utterance]:
    """Who tests in a run on RAVDESS."""
    if run.protocol == "random":
        return [EVERYONE[k] for k in random_split(len(EVERYONE), run.seed).test]
    return [own for own in EVERYONE if own.speaker in LUNA[(run.fold or 1) - 1]]


def crowd(corpus: str, emotions: Iterable[str], speakers: int = 4, each: int = 4) -> list[Utterance]:
    """A corpus of other people."""
    return [
        Utterance(Path("x"), f"{speaker}{emotion}{k}", corpus, f"s{speaker}", "female", emotion=emotion)
        for speaker in range(speakers)
        for emotion in emotions
        for k in range(each)
    ]


def made(
    run: ThesisExperiment | Experiment,
    parts: dict[str, Answers],
    labels: tuple[str, ...] = LABELS,
    parameters: int = 2_500_000,
) -> Record:
    """A record of a run with these answers."""
    epochs = run.schedule.epochs if isinstance(run, ThesisExperiment) else run.recipe.schedule.epochs
    return Record(
        run=run.document(),
        name=run.name,
        key=run.key,
        labels=labels,
        numbers={"parameters": parameters, "macs": 27_000_000, "epoch": epochs, "temperature": 1.0, "wall_s": 60.0},
        history={
            "loss": np.linspace(2, 0.5, epochs).round(3).tolist(),
            "validation_loss": np.linspace(2, 1.2, epochs).round(3).tolist(),
            "validation_accuracy": np.linspace(0.1, 0.6, epochs).round(3).tolist(),
        },
        answers=parts,
    )


def keep(folder: Path, runs: Iterable[ThesisExperiment], share: Share | float) -> None:
    """Write records of runs on RAVDESS."""
    folder.mkdir(parents=True, exist_ok=True)
    right = share if callable(share) else lambda _: share
    for run in runs:
        parts = {"ravdess-speech": said(who_tests(run), right)}
        if run.int8:
            parts["int8"] = parts["ravdess-speech"]
        write(path(folder, run).parent, made(run, parts))


assert set(LABELS) < set(EMOTIONS)
