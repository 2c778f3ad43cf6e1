"""The model under evaluation, the recordings it is tried on, and whom of them it has heard in training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from model_build.clips.speech import FOLDS
from model_build.evaluation.row import Exposure
from serd.errors import ConfigError
from serd.inference.contract import Contract, read_model
from serd.inference.model import SPEECH, find

FAMILIES = {"ravdess-speech": "ravdess", "ravdess-song": "ravdess"}
"""Corpora that share their speakers; any other stands for itself."""


@dataclass(frozen=True)
class ModelUnderTest:
    """One model file with the speech detector that it runs behind."""

    model: str
    """Name or path, as `serd.scoring.score.make_pipeline` takes it."""
    data: Path
    """Folder that holds the corpora."""
    contract: Contract
    speech_contract: Contract
    jobs: int = 1
    """Processes that score clips; any number gives the same figures."""
    most: int | None = None
    """Clips of each corpus that are listened to at most, every emotion alike; None: as many as a group of rows asks."""

    @classmethod
    def open(cls, model: str, data: Path, jobs: int = 1, most: int | None = None) -> ModelUnderTest:
        """Read both contracts. Raises ConfigError for a file that is no emotion model."""
        path = find(model)
        contract = read_model(path)[1]
        if contract.task != "emotion":
            raise ConfigError(f"model {path}: made for the task {contract.task!r}; evaluate takes one for 'emotion'")
        return cls(model, data, contract, read_model(find(SPEECH))[1], jobs, most)

    def heard(self, corpus: str, speakers: Iterable[str]) -> Exposure:
        """Whether these speakers (of ESC-10: folds) shaped the emotion network; `none` if there are none."""
        return _heard(self.contract, corpus, speakers)

    def heard_by_detector(self, corpus: str, speakers: Iterable[str]) -> Exposure:
        """Whether these speakers (of ESC-10: folds) shaped the speech detector; `none` if there are none."""
        return _heard(self.speech_contract, corpus, speakers)

    def unheard_folds(self) -> tuple[str, ...]:
        """Folds of ESC-10 that shaped neither network: what noise is taken from."""
        known = trained(self.contract, "esc-10") | trained(self.speech_contract, "esc-10")
        return tuple(str(fold) for fold in FOLDS if str(fold) not in known)


def trained(contract: Contract, corpus: str) -> frozenset[str]:
    """The speakers of a corpus, or of one that shares them, that a network was trained on."""
    family = FAMILIES.get(corpus, corpus)
    every = contract.trained_on.items()
    return frozenset(speaker for name, speakers in every if FAMILIES.get(name, name) == family for speaker in speakers)


def _heard(contract: Contract, corpus: str, speakers: Iterable[str]) -> Exposure:
    asked, known = set(speakers), trained(contract, corpus)
    if not asked:
        return "none"
    if asked <= known:
        return "seen"
    return "mixed" if asked & known else "unseen"
