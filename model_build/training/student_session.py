"""A small network that is given what serd-base has, and the heads over what it pools: trained once and kept."""

from __future__ import annotations

import dataclasses
import json
from functools import cached_property
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from model_build.clips.features import Clip
from model_build.clips.pitch_tracks import pitch_tracks
from model_build.evaluation.condition import CLEAN
from model_build.experiments.dataset import Dataset
from model_build.experiments.student_experiment import StudentExperiment
from model_build.files import cache
from model_build.files.progress import Check, Say, never
from model_build.networks.architectures import NETWORKS
from model_build.networks.head import Head
from model_build.training import head_fit, reference_fit
from model_build.training.encoded_clips import EncodedClips, may_train
from model_build.training.examples import Examples
from model_build.training.pitched_views import draw_pitched
from model_build.training.reference_inputs import ReferenceInputs
from model_build.training.student_windows import StudentWindows
from model_build.training.teacher_labels import Word, soft_targets, teacher_labels
from model_build.training.views import Views, views_needed
from serd.inference.frontend import Rows


class StudentSession:
    """One experiment on the corpora in one folder."""

    def __init__(self, data: Path, experiment: StudentExperiment, say: Say, check: Check = never) -> None:
        """Raises UsageError if a corpus is not there, or has too few clips."""
        self.experiment, self.recipe = experiment, experiment.recipe
        self._data, self._say, self._check = data, say, check
        read = Dataset.read([experiment.base], data)
        self.dataset = dataclasses.replace(read, clips=tuple(clip for clip in read.clips if may_train(clip.utterance)))
        self.train, self.test = self.dataset.split(experiment.base)

    @cached_property
    def network(self) -> keras.Model:
        """The network, trained now or kept from an earlier time."""
        base, kept = self.recipe.base, self._kept
        keras.utils.set_random_seed(self.experiment.seed)
        bands = base.front_end.bands.count + self.recipe.pitch
        model = NETWORKS[base.network](base.front_end.rows, bands, len(base.labels), **dict(base.variant))
        if not kept.is_file():
            losses = self._learn(model)
            with cache.replacing(kept.with_name("losses.json")) as written:
                written.write_text(json.dumps(losses), encoding="utf-8")
            with cache.replacing(kept) as written:
                model.save_weights(written)
            self._under_way.unlink(missing_ok=True)
        model.load_weights(kept)
        return model

    @property
    def losses(self) -> list[float]:
        """The mean loss of each epoch of the network that was trained."""
        losses: list[float] = json.loads(self._kept.with_name("losses.json").read_text(encoding="utf-8"))
        return losses

    @cached_property
    def heads(self) -> tuple[Head, Head]:
        """Heads over what the network pools: one that knows no reference of the person, and one that does.

        Plain speech, of which nobody says who it is of, trains neither.
        """
        recipe, by_corpus = self.recipe.reference, dict[str, dict[str, EncodedClips]]()
        for corpus, _ in recipe.shares:
            own = [clip for clip in self.train if clip.utterance.corpus == corpus]
            by_corpus[corpus] = {CLEAN.name: self.windows(own).encoded(self.network)}
        known, seed = ReferenceInputs.make(recipe.base, by_corpus, lambda _: True), self.experiment.seed
        first = head_fit.train(known.inputs, recipe.base.layers, recipe.schedule, seed, self._check)
        return first, reference_fit.train(known, recipe, seed, self._check)

    def windows(self, clips: list[Clip]) -> StudentWindows:
        """What the network is asked about of these clips."""
        return StudentWindows.cut(clips, self.recipe.base.front_end, self.recipe.pitch)

    @cached_property
    def _kept(self) -> Path:
        heard = cache.key([clip.digest for clip in (*self.train, *self.dataset.noises)])
        return cache.folder("students") / f"{self.experiment.training_key}-{heard}" / "last.weights.h5"

    @property
    def _under_way(self) -> Path:
        return self._kept.with_name("under-way.npz")

    def _learn(self, model: keras.Model) -> list[float]:
        """Train in place; the mean loss of each epoch. An interrupted training goes on where it was."""
        from model_build.training import fit  # after the backend's set-up, and for training alone

        word: Word = {}
        base, teacher = self.recipe.base, self.experiment.teacher
        if teacher is not None:
            heard = (*base.corpora, *base.read)
            softness = self.recipe.softness
            word = teacher_labels(teacher, heard, self._data, softness=softness, say=self._say, check=self._check)
        # Plain speech has no label of its own: what the teacher says nothing about teaches nothing.
        known = [
            clip
            for clip in self.train
            if clip.utterance.corpus not in base.read or (clip.utterance.corpus, clip.utterance.name) in word
        ]
        examples, schedule = Examples.make(known), base.schedule
        count = views_needed(examples, np.arange(len(examples.clips)), schedule)
        self._say(f"{self.experiment.name}: learns from {len(examples.clips)} clips, {len(word)} of them taught")
        seen = self._views(examples, count)
        taught: Rows | None = None
        if teacher is not None:
            taught = np.repeat(soft_targets(examples, word, self.recipe), count, axis=0)
        student = fit.Student(model, count, dict(schedule.shares), (self.experiment.seed, 0), taught)
        (losses,) = fit.train(
            [student], examples, seen, schedule, say=self._say, check=self._check, kept=self._under_way
        )
        return [round(loss, 4) for loss in losses]

    def _views(self, examples: Examples, count: NDArray[np.intp]) -> Views:
        base = self.recipe.base
        noises = [clip.rows for clip in self.dataset.noises]
        if not self.recipe.pitch:
            return Views.draw(examples.clips, count, noises, base.front_end, base.schedule, check=self._check)
        tracks = pitch_tracks(examples.clips, base.front_end, self._check)
        return draw_pitched(
            examples.clips,
            tracks,
            count,
            noises=noises,
            front_end=base.front_end,
            schedule=base.schedule,
            bands=self.recipe.pitch,
            check=self._check,
        )
