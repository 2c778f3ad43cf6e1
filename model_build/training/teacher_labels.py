"""What a teacher says of whole clips, and what a student is to say of them for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from model_build.evaluation.condition import CLEAN
from model_build.experiments.head_experiment import HeadExperiment
from model_build.experiments.student_recipe import StudentRecipe
from model_build.files.progress import Check, Say, never
from model_build.training.encoded_clips import may_train
from model_build.training.examples import Examples
from model_build.training.head_answers import HeadAnswers
from model_build.training.head_session import HeadSession
from serd.inference.decision import Rules
from serd.inference.frontend import Rows

Word = Mapping[tuple[str, str], Rows]
"""Probabilities (labels,) by corpus and clip; a clip in which the teacher found no speech is not there."""


def teacher_labels(
    teacher: HeadExperiment, corpora: Iterable[str], data: Path, *, softness: float, say: Say, check: Check = never
) -> Word:
    """What the experiment's head says of the clean clips of these corpora. Raises UsageError."""
    session = HeadSession(data, teacher, say, check)
    head, rules = session.head(teacher), Rules.make(teacher.recipe.thresholds)
    word: dict[tuple[str, str], Rows] = {}
    for corpus in corpora:
        told = HeadAnswers.make(head, session.encoded(corpus, (CLEAN.name,)), rules, may_train)
        probabilities = told.probabilities(softness).astype(np.float32)
        word |= {(corpus, clip.name): row for clip, row in zip(told.clips, probabilities, strict=True) if row.any()}
    return word


def soft_targets(examples: Examples, word: Word, recipe: StudentRecipe) -> Rows:
    """What is to be said of each example (n, labels): the truth and the teacher's word by their shares, over the labels
    that its corpus has; of one without a label the word alone."""
    wanted = examples.targets(recipe.schedule.smoothing)
    for k, clip in enumerate(examples.clips):
        corpus = clip.utterance.corpus
        said = word.get((corpus, clip.utterance.name))
        if said is not None:
            among = said * examples.known[k]
            truth = 0.0 if corpus in recipe.base.read else recipe.truth
            wanted[k] = truth * wanted[k] + (1 - truth) * among / max(float(among.sum()), 1e-9)
    return wanted
