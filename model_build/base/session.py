"""What experiments share: the encoder, the kept states of every corpus, the heads trained so far."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from model_build.base import states
from model_build.base.asked import asked
from model_build.base.encoder import Encoder
from model_build.base.experiment import Experiment
from model_build.base.fetch import FILE, FOLDER
from model_build.base.fit import train
from model_build.base.head import Head
from model_build.base.material import CLEAN, Heard, free, lessons, utterances
from model_build.clips import speech
from model_build.corpora import Utterance
from model_build.experiments.experiment import TEST_CORPUS
from model_build.experiments.splits import EMOBOX, FAMILY, INNER, LUNA, hold_out
from model_build.files import cache
from serd.inference.decision import Rules
from serd.inference.frontend import Rows
from serd.inference.model import SPEECH, load

Say = Callable[[str], None]
Check = Callable[[], None]

FULL = (TEST_CORPUS, "emo-db")
"""Corpora whose clean windows train, too."""


class Session:
    """Experiments of one recipe's kind on the corpora in one folder."""

    def __init__(self, data: Path, experiment: Experiment, say: Say, check: Check = lambda: None) -> None:
        """Raises UsageError if the encoder is not there."""
        self.data, self.recipe, self._limit = data, experiment.recipe, experiment.limit
        self._say, self._check = say, check
        self.encoder, self._heard = _shared(data, experiment.limit)
        self._place = states.folder(self.encoder)

    @cached_property
    def material(self) -> dict[str, Heard]:
        """What heads learn from, by corpus. Raises UsageError if one is not there."""
        counts = dict(self.recipe.counts)
        found = {}
        for corpus, _ in self.recipe.shares:
            kinds = tuple(f"view {k}" for k in range(counts[corpus]))
            found[corpus] = self.heard(corpus, (CLEAN, *kinds) if corpus in FULL else kinds)
        return found

    def heard(self, corpus: str, kinds: tuple[str, ...]) -> Heard:
        """The corpus' clips in these ways; what was not computed yet is now."""
        if (corpus, kinds) not in self._heard:
            clips = self.clips(corpus)
            self._make([part for kind in kinds for part in states.parts(kind, clips)])
            self._heard[corpus, kinds] = Heard.read(clips, kinds, self._place)
        return self._heard[corpus, kinds]

    def clips(self, corpus: str) -> tuple[Utterance, ...]:
        """All of a corpus, or some from everywhere in it. Raises UsageError."""
        every = utterances(corpus, self.data)
        return every if self._limit is None else every[:: max(1, len(every) // self._limit)][: self._limit]

    def _make(self, parts: Sequence[states.Part]) -> None:
        left = [part for part in parts if not (self._place / part.file).is_file()]
        if not left:
            return
        maker = _maker(self.data)
        for done, part in enumerate(left):
            self._check()
            if done % EVERY == 0:
                self._say(f"states: {part.kind} of {part.corpus}, {len(left) - done} parts of {states.PART} clips left")
            for fault in maker.make(part):
                self._say(f"warning: {fault}; not used")

    def tested(self, experiment: Experiment) -> set[str]:
        """The groups of speakers who test; no other corpus has them."""
        outer = self._outer(experiment)
        if not experiment.inner:
            return outer
        rest = [clip for clip in self.clips(TEST_CORPUS) if clip.group not in outer]
        return hold_out(rest, INNER, [experiment.seed, experiment.fold or 0])

    def trains(self, clip: Utterance, experiment: Experiment) -> bool:
        """Whether a clip shapes the head: its licence lets it, and it is of nobody who tests."""
        return free(clip) and clip.group not in (self.tested(experiment) | self._outer(experiment))

    def _outer(self, experiment: Experiment) -> set[str]:
        folds = {"luna": LUNA, "emobox": EMOBOX}.get(experiment.protocol, ())
        return {f"{FAMILY}/{actor}" for actor in folds[(experiment.fold or 1) - 1]} if folds else set()

    def known(self, experiment: Experiment) -> bool:
        """Whether its head is kept."""
        return self._file(experiment).is_file()

    def forget(self, experiment: Experiment) -> None:
        """Remove its head and its twins'."""
        for own in (experiment, *experiment.twins):
            self._file(own).unlink(missing_ok=True)

    def windows(self, clip: Utterance) -> Rows:
        """The windows whose states are kept of a clean clip: the network's input (n, rows, bands)."""
        detector = load(SPEECH, "speech")
        rules = Rules.make(detector.contract.thresholds)
        return asked(speech.load(clip), detector, rules, states.WINDOWS).inputs

    def _file(self, experiment: Experiment) -> Path:
        """Of a head: another copy of the recordings is another one."""
        names = [clip.name for own in self.material.values() for clip in own.clips]
        heard = cache.key(self.encoder.digest, states.FORM, names)
        return cache.folder("heads") / f"{experiment.lesson}-{heard}.npz"

    def head(self, experiment: Experiment) -> Head:
        """Trained now, or kept from an earlier time."""
        kept = self._file(experiment)
        try:
            with np.load(kept) as arrays:
                return Head(self.recipe.layers, **{name: arrays[name] for name in arrays.files})
        except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile):
            pass  # not there, or damaged
        away = self.tested(experiment) | self._outer(experiment)
        own = lessons(self.recipe, self.material, lambda clip: clip.group not in away)
        found = train(own, self.recipe.layers, self.recipe.schedule, experiment.seed, self._check)
        with cache.replacing(kept) as written:
            np.savez(written, **{one.name: getattr(found, one.name) for one in fields(found) if one.name != "layers"})
        return found


@lru_cache(maxsize=1)
def _shared(data: Path, _limit: int | None) -> tuple[Encoder, dict[tuple[str, tuple[str, ...]], Heard]]:
    """What the sessions of one study read once."""
    return Encoder.read(encoder_file(data)), {}


@lru_cache(maxsize=1)
def _maker(data: Path) -> states.Maker:
    """It takes some seconds to be made."""
    return states.Maker(Encoder.read(encoder_file(data)), data)


EVERY = 20
"""Parts between two lines of progress."""


def encoder_file(data: Path) -> Path:
    """Where the encoder's weights stand: as `fetch` puts them, or in `encoders` beside the corpora."""
    beside = data.parent / "encoders" / FOLDER / FILE
    return beside if beside.is_file() else data / FOLDER / FILE
