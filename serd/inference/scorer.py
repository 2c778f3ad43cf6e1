"""Scorers: what turns a model's windows into logits."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from serd.inference.contract import Contract
from serd.inference.frontend import Rows
from serd.inference.interpreter import make_interpreter
from serd.inference.reference import Reference

SPARE = 32
"""Idle interpreters of one network that are kept, as many as a thread pool of Python's has threads at most."""


@dataclass(frozen=True, eq=False)
class Heads:
    """What the heads of a network say of some windows."""

    logits: Rows
    """Of the head that knows no reference (n, outputs)."""
    with_reference: Rows | None = None
    """Of the head that knows one (n, outputs); None of a network without it."""
    statistics: Rows | None = None
    """What a reference is a mean of (n, width); None of such a network."""


class Scorer(Protocol):
    """Anything that scores windows: the TFLite network here, a Keras network in training."""

    def logits(self, windows: Rows) -> Rows:
        """(n, rows, bands) in [0, 1] -> (n, outputs)."""

    def heads(self, windows: Rows, _references: Sequence[Reference | None], /) -> Heads:
        """(n, rows, bands) and the reference of each window (n,) -> what all heads say: here, of one that knows
        none."""
        return Heads(self.logits(windows))


class TFLiteScorer(Scorer):
    """A network in int8, whose edges are quantized here with the contract's numbers, or one with real ones.

    A network that knows a reference takes the window (1, rows, bands, 1), the reference's mean (1, width) and its
    seconds (1, 1); it gives the logits of both heads (2, outputs) and the window's statistics (1, width). All in real
    numbers, told apart by their shapes.

    Any number of threads may share it: an interpreter serves one call at a time, and a call that finds none free
    makes another.
    """

    def __init__(self, network: bytes, contract: Contract) -> None:
        """Raises ValueError if the network is not what the contract says."""
        self._network = network
        interpreter = make_interpreter(network)
        front_end, known = contract.front_end, contract.reference
        sources: list[tuple[int, ...]] = [(1, front_end.rows, front_end.columns, 1)]
        sinks = [(1, contract.outputs)]
        if known is not None:
            sources += [(1, known.width), (1, 1)]
            sinks = [(2, contract.outputs), (1, known.width)]
        inputs = _matched("input", interpreter.get_input_details(), sources)
        outputs = _matched("output", interpreter.get_output_details(), sinks)
        for edge, details, stated in (("input", inputs, contract.input), ("output", outputs, contract.output)):
            for detail in details:
                _expect(f"{edge} type", detail["dtype"], np.int8 if stated else np.float32)
            scale, zero_point = details[0]["quantization"]
            if stated is None:
                continue
            if zero_point != stated.zero_point or not np.isclose(scale, stated.scale, rtol=1e-5):
                raise ValueError(
                    f"{edge} quantization is ({scale:g}, {zero_point}), "
                    f"the contract says ({stated.scale:g}, {stated.zero_point})"
                )
        self._sources, self._sinks = ([detail["index"] for detail in details] for details in (inputs, outputs))
        self._in, self._out = contract.input, contract.output
        self._width = 0 if known is None else known.width
        self._spare: deque[Any] = deque([interpreter], maxlen=SPARE)

    def logits(self, windows: Rows) -> Rows:
        """(n, rows, bands) in [0, 1] -> (n, outputs), one window at a time, of the head that knows no reference."""
        return self.heads(windows, [None] * len(windows)).logits

    def heads(self, windows: Rows, references: Sequence[Reference | None], /) -> Heads:
        """As `logits`, with what the head says that knows the reference of each window (n,), where the network has
        one."""
        try:
            interpreter = self._spare.pop()
        except IndexError:
            interpreter = make_interpreter(self._network)
        said = [
            self._one(interpreter, [window, *self._known(reference)])
            for window, reference in zip(self._fed(windows), references, strict=True)
        ]
        self._spare.append(interpreter)
        logits = np.stack([one[0] for one in said])
        if self._width:
            return Heads(logits[:, 0], logits[:, 1], np.concatenate([one[1] for one in said]))
        logits = logits[:, 0]
        if self._out is not None:
            logits = (logits - np.float32(self._out.zero_point)) * np.float32(self._out.scale)
        return Heads(logits)

    def _fed(self, windows: Rows) -> NDArray[Any]:
        """As the interpreter takes them, one after the other: (n, 1, rows, bands, 1)."""
        fed: NDArray[Any] = windows.astype(np.float32, copy=False)
        if self._in is not None:
            quantized = np.rint(windows * np.float32(1 / self._in.scale)) + np.float32(self._in.zero_point)
            fed = np.clip(quantized, -128, 127).astype(np.int8)
        return fed[:, np.newaxis, :, :, np.newaxis]

    def _known(self, reference: Reference | None) -> list[Rows]:
        """A reference as the interpreter takes it; nothing where the network knows none."""
        if not self._width:
            return []
        known = reference or Reference(np.zeros(self._width, np.float32), 0.0)
        return [known.mean[np.newaxis].astype(np.float32, copy=False), np.array([[known.seconds]], np.float32)]

    def _one(self, interpreter: Any, fed: Sequence[NDArray[Any]]) -> list[Rows]:
        for place, values in zip(self._sources, fed, strict=True):
            interpreter.set_tensor(place, values)
        interpreter.invoke()
        return [interpreter.get_tensor(place).astype(np.float32) for place in self._sinks]


def _matched(what: str, details: Sequence[Any], shapes: Sequence[tuple[int, ...]]) -> list[Any]:
    """The details of a network's inputs or outputs, in the order of their shapes. Raises ValueError."""
    found = {tuple(int(size) for size in detail["shape"]): detail for detail in details}
    if len(details) != len(shapes) or found.keys() != set(shapes):
        raise ValueError(f"{what} shape is {_listed(found)}, wanted {_listed(shapes)}")
    return [found[shape] for shape in shapes]


def _listed(shapes: Iterable[tuple[int, ...]]) -> str:
    return " and ".join(map(str, shapes))


def _expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        name = getattr(wanted, "__name__", wanted)
        raise ValueError(f"{what} is {getattr(found, '__name__', found)}, wanted {name}")
