"""Heads that know a reference, and what their experiments share: those without one, and the kept states."""

from __future__ import annotations

import dataclasses
import zipfile
from functools import cached_property
from pathlib import Path

import numpy as np

from model_build.evaluation.condition import CLEAN
from model_build.experiments.reference_experiment import ReferenceExperiment
from model_build.files import cache
from model_build.files.progress import Check, Say, never
from model_build.networks.head import Head
from model_build.training.encoded_clips import EncodedClips
from model_build.training.encoder_states import FORM, LINES
from model_build.training.head_session import HeadSession
from model_build.training.reference_fit import train
from model_build.training.reference_inputs import ReferenceInputs


class ReferenceSession:
    """Experiments with heads of one recipe that know a reference, on the corpora in one folder."""

    def __init__(self, data: Path, experiment: ReferenceExperiment, say: Say, check: Check = never) -> None:
        """Raises UsageError if the encoder is not there."""
        self.recipe, self._check = experiment.recipe, check
        self.base = HeadSession(data, experiment.base, say, check)

    @cached_property
    def training_clips(self) -> dict[str, dict[str, EncodedClips]]:
        """What heads learn from, by corpus and by how it was heard. Raises UsageError if one is not there."""
        counts = dict(self.recipe.lines)
        return {
            corpus: {
                kind: self.base.encoded(corpus, (kind,))
                for kind in (CLEAN.name, *(f"{LINES}{k}" for k in range(counts[corpus])))
            }
            for corpus, _ in self.recipe.shares
        }

    def head(self, experiment: ReferenceExperiment) -> Head:
        """The experiment's head over what `person_reference.entered` gives it; trained now or kept."""
        kept = self._file(experiment)
        try:
            with np.load(kept) as arrays:
                return Head(self.recipe.base.layers, **{name: arrays[name] for name in arrays.files})
        except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile):
            pass  # not there, or damaged
        head = self._train(experiment)
        with cache.replacing(kept) as written:
            fields = (field.name for field in dataclasses.fields(head) if field.name != "layers")
            np.savez(written, **{name: getattr(head, name) for name in fields})
        return head

    def is_trained(self, experiment: ReferenceExperiment) -> bool:
        """Whether the experiment's head is kept."""
        return self._file(experiment).is_file()

    def forget(self, experiment: ReferenceExperiment) -> None:
        """Remove the experiment's head and those of its calibration splits, without a reference and with one."""
        self.base.forget(experiment.base)
        for trained in (experiment, *experiment.calibration_splits):
            self._file(trained).unlink(missing_ok=True)

    def _file(self, experiment: ReferenceExperiment) -> Path:
        names = [clip.name for corpus, _ in self.recipe.shares for clip in self.base.clips(corpus)]
        recordings = cache.key(self.base.encoder.digest, FORM, names)
        return cache.folder("heads") / f"{experiment.training_key}-{recordings}.npz"

    def _train(self, experiment: ReferenceExperiment) -> Head:
        away = self.base.away(experiment.base)
        recipe = dataclasses.replace(self.recipe.base, shares=self.recipe.shares)
        known = ReferenceInputs.make(recipe, self.training_clips, lambda clip: clip.group not in away)
        return train(known, self.recipe, experiment.seed, self._check)
