"""A model: a contract and the scorer of its windows."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serd.defaults import FALLBACK_MODEL, MODEL
from serd.errors import ConfigError
from serd.inference.contract import Contract, read_model
from serd.inference.decision import LEAST
from serd.inference.frontend import Rows
from serd.inference.interpreter import runtime
from serd.inference.reference import Reference
from serd.inference.scorer import Scorer, TFLiteScorer
from serd.system.nearest import near_file, nearest
from serd.system.paths import at_home

log = logging.getLogger("serd")

FOLDER = Path(__file__).parents[1] / "models"
SPEECH = "speech"
"""Name of the speech detector's model."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network says of some windows."""

    probabilities: NDArray[np.float64]
    """Calibrated, of the labels (n, labels); rows sum to 1."""
    activation: NDArray[np.float64] | None
    """Calibrated probability of high activation (n,); None of a network that does not tell it."""
    statistics: Rows | None = None
    """What a reference of the speaker is a mean of (n, width); None of a network that knows no reference."""


class Model:
    """A network that knows what it is fed and what it answers."""

    def __init__(self, contract: Contract, scorer: Scorer) -> None:
        self.contract = contract
        self.scorer = scorer

    @property
    def title(self) -> str:
        """Name and version, as events carry them."""
        return f"{self.contract.name}/{self.contract.version}"

    def probabilities(self, windows: Rows) -> NDArray[np.float64]:
        """Calibrated probabilities: scaled windows (n, rows, bands) -> (n, labels), rows sum to 1."""
        return self.answers(windows).probabilities

    def answers(self, windows: Rows, references: Sequence[Reference | None] | None = None) -> Answers:
        """All that the network says of scaled windows (n, rows, bands), each with the reference of who speaks, or none.

        Where there is none, or the network knows none, the head without a reference says it alone. Raises ValueError
        for a reference of another network.
        """
        contract, known = self.contract, self.contract.reference
        given = list(references or [None] * len(windows))
        for reference in given:
            if known is not None and reference is not None and reference.mean.shape != (known.width,):
                raise ValueError(f"a reference of the shape {reference.mean.shape}, {self.title} takes {known.width}")
        heads = self.scorer.heads(windows, given)
        probabilities, odds = self._scaled(heads.logits, contract.temperature, contract.activation)
        told = [k for k, reference in enumerate(given) if reference is not None]
        if told and known is not None and heads.with_reference is not None:
            share = known.shares(np.array([reference.seconds for reference in given if reference is not None]))
            its, its_odds = self._scaled(heads.with_reference[told], known.temperature, known.activation)
            probabilities[told] = blended(probabilities[told], its, share)
            if odds is not None and its_odds is not None:
                odds[told] = (1 - share) * odds[told] + share * its_odds
        return Answers(probabilities, None if odds is None else sigmoid(odds), heads.statistics)

    def _scaled(
        self, logits: Rows, temperature: float, activation: float | None
    ) -> tuple[NDArray[np.float64], NDArray[Any] | None]:
        """Probabilities (n, labels) and log-odds of high activation (n,) from logits (n, outputs)."""
        labels = len(self.contract.labels)
        odds = None if activation is None else logits[:, labels] / activation
        return softmax(logits[:, :labels] / temperature), odds


def blended(
    first: NDArray[np.float64], second: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probabilities of two heads (n, labels) as of one: log-probabilities averaged, so much of the second's (n,)."""
    logs, its = (np.log(np.maximum(probabilities, LEAST)) for probabilities in (first, second))
    return softmax((1 - shares[:, np.newaxis]) * logs + shares[:, np.newaxis] * its)


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Over the last axis."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    exponentials = np.exp(shifted)
    result: NDArray[np.float64] = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return result


def sigmoid(log_odds: NDArray[Any]) -> NDArray[np.float64]:
    """Probability of log-odds."""
    result: NDArray[np.float64] = 0.5 * (1 + np.tanh(0.5 * log_odds.astype(np.float64)))
    return result


def find(name: str) -> Path:
    """The file of an installed model's name, or the path given. Raises ConfigError; UsageError for a `~` of nobody."""
    installed = FOLDER / f"{name}.tflite"
    if installed.is_file():
        return installed
    given = Path(at_home(name))
    if given.is_file():
        return given
    installed_names = [path.stem for path in installed_models()]
    near = nearest(name, installed_names)
    remedy = f"did you mean `{near}`?" if near else near_file(given, f"installed are {', '.join(installed_names)}")
    raise ConfigError(f"model {name}: neither installed nor a file; {remedy}")


def installed_models() -> list[Path]:
    """The model files that came with serd."""
    return sorted(FOLDER.glob("*.tflite"))


def load(name: str, task: str = "emotion") -> Model:
    """An installed model by name, or one by path, ready to run. Raises ConfigError."""
    path = find(name)
    network, contract = read_model(path)
    if contract.task != task:
        raise ConfigError(
            f"model {path}: made for the task {contract.task!r}, not {task!r}; `serd models` lists others"
        )
    try:
        return Model(contract, TFLiteScorer(network, contract))
    except ValueError as error:
        raise ConfigError(
            f"model {path}: its network cannot be used: {error}; `serd models` says which can be used here"
        ) from None


def unusable(path: Path) -> str:
    """Why the interpreter here cannot run a model file; empty where it can.

    Raises ConfigError for a damaged file, and where there is no interpreter.
    """
    try:
        TFLiteScorer(*read_model(path))
    except ValueError as error:
        return str(error)
    return ""


@cache
def default_model() -> str:
    """The model of who names none. Where tflite-runtime is all there is and cannot load it, FALLBACK_MODEL, and that
    is logged. Raises ConfigError if the file is damaged."""
    try:
        old = MODEL != FALLBACK_MODEL and runtime() == "tflite-runtime"
    except ConfigError:  # no interpreter: whoever loads the model says so
        old = False
    fault = unusable(find(MODEL)) if old else ""
    if fault:
        log.warning("%s is used instead of %s: %s", FALLBACK_MODEL, MODEL, fault)
    return FALLBACK_MODEL if fault else MODEL
