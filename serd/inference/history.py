"""The history of a stream's rows, from which windows are cut."""

from __future__ import annotations

import numpy as np

from serd.inference.frontend import Rows


class RowHistory:
    """Rows of the last strides, and as many before them as a window needs."""

    def __init__(self, length: int) -> None:
        """`length`: rows of a window."""
        self._length = length
        self.clear()

    def clear(self) -> None:
        """Forget all rows: a gap came."""
        self._rows: Rows = np.zeros((0, 0), np.float32)
        self._first = self._stride = 0

    def append(self, rows: Rows, count: int) -> None:
        """Add the rows of so many strides."""
        kept = self._rows[-self._length :]
        self._rows = np.concatenate([kept, rows]) if kept.size else rows
        self._first, self._stride = len(kept), len(rows) // count

    def window(self, number: int) -> Rows:
        """At most `length` rows up to the end of one of the strides that were added last."""
        end = self._first + (number + 1) * self._stride
        return self._rows[max(0, end - self._length) : end]
