"""A model: a contract and the scorer that turns its windows into logits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from serd.errors import ConfigError
from serd.inference.contract import Contract, read_model
from serd.inference.frontend import Rows
from serd.inference.interpreter import make_interpreter

FOLDER = Path(__file__).parents[1] / "models"
SPEECH = "speech"
"""Name of the speech detector's model."""


class Scorer(Protocol):
    """Anything that scores windows: the TFLite network here, a Keras network in training."""

    def logits(self, windows: Rows) -> Rows:
        """(n, rows, bands) in [0, 1] -> (n, outputs)."""


class TFLiteScorer:
    """A network in int8, whose edges are quantized here with the contract's numbers, or one with real ones."""

    def __init__(self, network: bytes, contract: Contract) -> None:
        """Raises ValueError if the network is not what the contract says."""
        self._interpreter = make_interpreter(network)
        (source,), (sink,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        front_end = contract.front_end
        _expect("input type", source["dtype"], np.int8 if contract.input else np.float32)
        _expect("output type", sink["dtype"], np.int8 if contract.output else np.float32)
        _expect("input shape", tuple(source["shape"]), (1, front_end.rows, front_end.bands.count, 1))
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

    def logits(self, windows: Rows) -> Rows:
        """(n, rows, bands) in [0, 1] -> (n, outputs), one window at a time."""
        return np.stack([self._one(window) for window in windows])

    def _one(self, window: Rows) -> Rows:
        fed: NDArray[Any] = window.astype(np.float32)
        if self._in is not None:
            quantized = np.rint(window * np.float32(1 / self._in.scale)) + np.float32(self._in.zero_point)
            fed = np.clip(quantized, -128, 127).astype(np.int8)
        self._interpreter.set_tensor(self._source, fed[np.newaxis, :, :, np.newaxis])
        self._interpreter.invoke()
        logits: Rows = self._interpreter.get_tensor(self._sink)[0].astype(np.float32)
        if self._out is not None:
            logits = (logits - np.float32(self._out.zero_point)) * np.float32(self._out.scale)
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
    """The file of an installed model's name, or the path given. Raises ConfigError."""
    installed = FOLDER / f"{name}.tflite"
    if installed.is_file():
        return installed
    if Path(name).is_file():
        return Path(name)
    raise ConfigError(
        f"model {name}: neither installed nor a file; installed are {', '.join(p.stem for p in installed_models())}"
    )


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
            f"model {path}: its network cannot be used: {error}; export it with `python -m model_build`"
        ) from None


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        name = getattr(wanted, "__name__", wanted)
        raise ValueError(f"{what} is {getattr(found, '__name__', found)}, wanted {name}")
