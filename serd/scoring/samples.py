"""Samples that a program hands over as an array, read as the numbers they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from serd.audio.reader import LOUDEST
from serd.errors import UsageError

FULL_SCALES = {"int8": 1 << 7, "int16": 1 << 15, "int32": 1 << 31}
"""What stands for 1 in samples of these types."""

LOW_END = 1 << 23
"""Samples of int32 within ± this are taken for 24 bits in its low end: over its whole span they peak at -48 dB."""


def frames(samples: NDArray[Any]) -> NDArray[Any]:
    """Floats in ±1 of any precision: (n,) or (n, channels) of a type that `serd.score` takes -> (n, channels).

    Raises UsageError.
    """
    if np.ma.is_masked(samples):
        raise UsageError("samples: some are masked; fill them in, or score the parts between them")
    try:
        array = np.asarray(samples)
    except (TypeError, ValueError):  # lists of unequal lengths, tensors that live on another device
        raise UsageError("samples: numpy can make no array of them; give (n,) or (n, channels)") from None
    if array.ndim not in (1, 2) or array.size == 0:
        raise UsageError(f"samples of shape {array.shape}: give (n,) or (n, channels) with at least one sample")
    if array.ndim == 2 and array.shape[1] > array.shape[0]:
        raise UsageError(f"samples of shape {array.shape}: more channels than samples; transpose them to (n, channels)")
    array = _floats(array)
    if not (np.abs(array) <= LOUDEST).all():  # false for NaN
        raise UsageError("samples: some are NaN, infinite or absurd; replace them, or score the parts between them")
    return array if array.ndim == 2 else array[:, np.newaxis]


def _floats(array: NDArray[Any]) -> NDArray[Any]:
    """Read whole numbers as floats, full scale ±1."""
    if np.issubdtype(array.dtype, np.floating):
        return array if array.dtype.itemsize >= 4 else array.astype(np.float32)
    kind = array.dtype.name  # whatever its byte order
    if kind == "uint8":  # as 8-bit WAV has it
        return (array.astype(np.float32) - np.float32(128)) / np.float32(128)
    if kind not in FULL_SCALES:
        raise UsageError(
            f"samples of type {kind}: which of its numbers is full scale cannot be told; give float in ±1, int16, or"
            " int32 over its whole span"
        )
    if kind == "int32" and array.any() and -LOW_END <= int(array.min()) <= int(array.max()) < LOW_END:
        raise UsageError(
            "samples of type int32: all lie within 24 bits, so the recorder's full scale is hardly int32's; give"
            " samples << 8, or samples / 2**23 as float (samples / 2**31 if they are that quiet)"
        )
    return array.astype(np.float32) / np.float32(FULL_SCALES[kind])
