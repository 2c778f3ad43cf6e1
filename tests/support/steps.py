"""Blocks of samples for a pipeline, and its steps as values that can be held against each other."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray

from serd.block import Block


def blocks(samples: NDArray[np.float32], sizes: list[int]) -> list[Block]:
    """The samples in blocks of these sizes, over and over."""
    made, start, k = list[Block](), 0, 0
    while start < len(samples):
        size = sizes[k % len(sizes)]
        made.append(Block(samples[start : start + size], start, False, 0.0))
        start, k = start + size, k + 1
    return made


def bits(value: Any) -> Any:
    """A step as plain values, arrays as their bytes."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(bits(getattr(value, field.name)) for field in dataclasses.fields(value))
    if isinstance(value, np.ndarray):
        return value.tobytes()
    return tuple(map(bits, value)) if isinstance(value, tuple) else value
