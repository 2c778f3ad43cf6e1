"""A PyTorch checkpoint read without PyTorch: a zip archive of a pickle and raw storages.

Only tensors and plain containers are built. A pickle that asks for anything else is refused, not run.
"""

from __future__ import annotations

import collections
import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

STORAGES: dict[str, type[np.generic]] = {"HalfStorage": np.float16, "FloatStorage": np.float32, "LongStorage": np.int64}


def read(path: Path) -> Any:
    """What was saved, with arrays for tensors. Raises ValueError for anything but such an archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith("/data.pkl"))
            return _Reader(archive, name.removesuffix("data.pkl")).load()
    except (zipfile.BadZipFile, KeyError, IndexError, TypeError, EOFError, pickle.UnpicklingError) as error:
        raise ValueError(f"no PyTorch checkpoint ({error})") from None


class _Storage:
    """Stands for a storage's type in the pickle."""

    def __init__(self, kind: type[np.generic]) -> None:
        self.kind = kind


class _Reader(pickle.Unpickler):
    def __init__(self, archive: zipfile.ZipFile, folder: str) -> None:
        super().__init__(io.BytesIO(archive.read(f"{folder}data.pkl")))
        self._archive, self._folder = archive, folder

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in STORAGES:
            return _Storage(STORAGES[name])
        known = {
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("collections", "OrderedDict"): collections.OrderedDict,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return known[module, name]

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        _, storage, key, _, count = pid
        data = np.frombuffer(self._archive.read(f"{self._folder}data/{key}"), storage.kind)
        if len(data) != count:
            raise pickle.UnpicklingError(f"storage {key} is cut")
        return data


def _tensor(storage: NDArray[Any], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> Any:
    last = offset + sum((size - 1) * step for size, step in zip(shape, strides, strict=True))
    if offset < 0 or last >= len(storage) or min((*strides, *shape), default=1) < 0:
        raise pickle.UnpicklingError("a tensor lies outside its storage")
    steps = tuple(step * storage.itemsize for step in strides)
    return np.lib.stride_tricks.as_strided(storage[offset:], shape, steps).copy()
