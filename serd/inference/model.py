"""A model: a contract and the scorer that turns its windows into logits."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from serd.defaults import FALLBACK_MODEL, MODEL
from serd.errors import ConfigError
from serd.inference.contract import Contract, read_model
from serd.inference.frontend import Rows
from serd.inference.interpreter import make_interpreter, runtime
from serd.system.nearest import near_file, nearest
from serd.system.paths import at_home

log = logging.getLogger("serd")

FOLDER = Path(__file__).parents[1] / "models"
SPEECH = "speech"
"""Name of the speech detector's model."""


SPARE = 32
"""Idle interpreters of one network that are kept, as many as a thread pool of Python's has threads at most."""


class Scorer(Protocol):
    """Anything that scores windows: the TFLite network here, a Keras network in training."""

    def logits(self, windows: Rows) -> Rows:
        """(n, rows, bands) in [0, 1] -> (n, outputs)."""


class TFLiteScorer:
    """A network in int8, whose edges are quantized here with the contract's numbers, or one with real ones.

    Any number of threads may share it: an interpreter serves one call at a time, and a call that finds none free
    makes another.
    """

    def __init__(self, network: bytes, contract: Contract) -> None:
        """Raises ValueError if the network is not what the contract says."""
        self._network = network
        interpreter = make_interpreter(network)
        (source,), (sink,) = interpreter.get_input_details(), interpreter.get_output_details()
        front_end = contract.front_end
        _expect("input type", source["dtype"], np.int8 if contract.input else np.float32)
        _expect("output type", sink["dtype"], np.int8 if contract.output else np.float32)
        _expect("input shape", tuple(source["shape"]), (1, front_end.rows, front_end.columns, 1))
        _expect("output shape", tuple(sink["shape"]), (1, contract.outputs))
        for edge, detail, stated in (("input", source, contract.input), ("output", sink, contract.output)):
            scale, zero_point = detail["quantization"]
            if stated is None:
                continue
            if zero_point != stated.zero_point or not np.isclose(scale, stated.scale, rtol=1e-5):
                raise ValueError(
                    f"{edge} quantization is ({scale:g}, {zero_point}), "
                    f"the contract says ({stated.scale:g}, {stated.zero_point})"
                )
        self._source, self._sink = source["index"], sink["index"]
        self._in, self._out = contract.input, contract.output
        self._spare: deque[Any] = deque([interpreter], maxlen=SPARE)

    def logits(self, windows: Rows) -> Rows:
        """(n, rows, bands) in [0, 1] -> (n, outputs), one window at a time."""
        try:
            interpreter = self._spare.pop()
        except IndexError:
            interpreter = make_interpreter(self._network)
        logits = np.stack([self._one(interpreter, window) for window in self._fed(windows)])
        self._spare.append(interpreter)
        if self._out is not None:
            return (logits - np.float32(self._out.zero_point)) * np.float32(self._out.scale)
        return logits

    def _fed(self, windows: Rows) -> NDArray[Any]:
        """As the interpreter takes them, one after the other: (n, 1, rows, bands, 1)."""
        fed: NDArray[Any] = windows.astype(np.float32, copy=False)
        if self._in is not None:
            quantized = np.rint(windows * np.float32(1 / self._in.scale)) + np.float32(self._in.zero_point)
            fed = np.clip(quantized, -128, 127).astype(np.int8)
        return fed[:, np.newaxis, :, :, np.newaxis]

    def _one(self, interpreter: Any, window: NDArray[Any]) -> Rows:
        interpreter.set_tensor(self._source, window)
        interpreter.invoke()
        logits: Rows = interpreter.get_tensor(self._sink)[0].astype(np.float32)
        return logits


@dataclass(frozen=True, eq=False)
class Answers:
    """What a network says of some windows."""

    probabilities: NDArray[np.float64]
    """Calibrated, of the labels (n, labels); rows sum to 1."""
    activation: NDArray[np.float64] | None
    """Calibrated probability of high activation (n,); None of a network that does not tell it."""


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

    def answers(self, windows: Rows) -> Answers:
        """All that the network says of scaled windows (n, rows, bands)."""
        labels, contract = len(self.contract.labels), self.contract
        logits = self.scorer.logits(windows)
        activation = None if contract.activation is None else sigmoid(logits[:, labels] / contract.activation)
        return Answers(softmax(logits[:, :labels] / contract.temperature), activation)


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


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        name = getattr(wanted, "__name__", wanted)
        raise ValueError(f"{what} is {getattr(found, '__name__', found)}, wanted {name}")
