"""Heads on one's own recordings: each trained on some of them, measured on those that it has not heard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from model_build.corpora import Utterance
from model_build.evaluation.condition import CLEAN
from model_build.experiments.head_recipe import HeadRecipe
from model_build.experiments.splits import FOLDS, speaker_folds
from model_build.files.progress import Say
from model_build.networks.head import ACTIVE, CALMER, Head
from model_build.statistics.bootstrap import Tally, uar
from model_build.statistics.predictions import answers, pool, score_answers
from model_build.training.encoded_clips import EncodedClips
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_calibration import Temperatures, fit_temperatures
from model_build.training.head_fit import train
from model_build.training.head_inputs import HeadInputs
from serd.inference.decision import Rules


@dataclass(frozen=True, eq=False)
class OwnHead:
    """Heads of one recipe on one's own recordings."""

    recipe: HeadRecipe
    encoded: dict[str, EncodedClips]
    clips: tuple[Utterance, ...]
    """Those that hold speech."""
    seed: int

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels of the recipe that the recordings have."""
        there = {clip.emotion for clip in self.clips}
        return tuple(label for label in self.recipe.labels if label in there)

    @property
    def tells_activation(self) -> bool:
        """Whether the recordings have emotions of high activation and of low."""
        return all(any(label in grades for label in self.labels) for grades in (ACTIVE, CALMER))

    @property
    def by_speaker(self) -> bool:
        """Whether there is more than one speaker."""
        return len({clip.speaker for clip in self.clips}) > 1

    def folds(self) -> list[set[str]]:
        """Names of the clips that test together; the others have all labels."""
        if not self.by_speaker:
            return _folds_of_one(self.clips)
        groups = [group for group in speaker_folds(self.clips) if group]
        if not all(self._teaches(group) for group in groups):
            groups = [{group} for group in sorted({clip.group for clip in self.clips})]
        return [{clip.name for clip in self.clips if clip.group in group} for group in groups]

    def _teaches(self, tested: set[str]) -> bool:
        return {clip.emotion for clip in self.clips if clip.group not in tested} == set(self.labels)

    def head(self, tested: set[str]) -> Head:
        """A head that has not heard these clips; its outputs are the labels and activation."""
        names = {clip.name for clip in self.clips} - tested
        inputs = HeadInputs.make(self.recipe, self.encoded, lambda clip: clip.name in names)
        head = train(inputs, self.recipe.layers, self.recipe.schedule, self.seed)
        return head.columns([*(self.recipe.labels.index(label) for label in self.labels), -1])

    def measure(self, say: Say) -> HeldOut:
        """What heads say of recordings that each has not heard."""
        rules, every = Rules.make(self.recipe.thresholds), list[HeadAnswers]()
        folds = self.folds()
        for k, tested in enumerate(folds, 1):
            say(f"fold {k} of {len(folds)}: {len(tested)} recordings are held out")
            head, chosen = self.head(tested), partial(_named, frozenset(tested))
            every.append(HeadAnswers.make(head, self.encoded[CLEAN.name], rules, chosen))
        temperatures = fit_temperatures(every, self.labels)
        scored = [
            score_answers(answers(one.clips, one.probabilities(temperatures.labels)), self.labels) for one in every
        ]
        tally = Tally.of([pool(scored)])
        recall = np.diag(tally.total) / np.maximum(tally.total.sum(axis=1), 1)
        estimate = tally.estimate(uar)
        return HeldOut(
            by="speaker" if self.by_speaker else "recording",
            folds=len(folds),
            uar=estimate.value,
            interval=(estimate.low, estimate.high) if self.by_speaker else None,
            recall=dict(zip(self.labels, recall.tolist(), strict=True)),
            temperatures=temperatures,
        )


def _named(names: frozenset[str], clip: Utterance) -> bool:
    return clip.name in names


def _folds_of_one(clips: Sequence[Utterance]) -> list[set[str]]:
    """One speaker's recordings, those of every emotion dealt out in turn."""
    counts, dealt = Counter(clip.emotion for clip in clips), Counter[str | None]()
    folds: list[set[str]] = [set() for _ in range(min(FOLDS, *counts.values()))]
    for clip in clips:
        folds[dealt[clip.emotion] % len(folds)].add(clip.name)
        dealt[clip.emotion] += 1
    return folds


@dataclass(frozen=True)
class HeldOut:
    """The figure of recordings that were held out."""

    by: str
    """`speaker`, or `recording` where one voice alone is heard: then it says nothing of other voices."""
    folds: int
    uar: float
    interval: tuple[float, float] | None
    """95 % over speakers."""
    recall: dict[str, float]
    temperatures: Temperatures

    def __str__(self) -> str:
        interval = f" ({100 * self.interval[0]:.1f} to {100 * self.interval[1]:.1f})" if self.interval else ""
        whom = "speakers never heard" if self.by == "speaker" else "the one speaker, who was heard (of others: unknown)"
        return (
            f"unweighted average recall {100 * self.uar:.1f} %{interval} over {len(self.recall)} emotions on {whom}; "
            f"guessing {100 / len(self.recall):.1f}"
        )
