"""Turns: which voices are judged while a machine is too slow for all. Each in its turn, so that none starves."""

from __future__ import annotations

BUDGET = 0.5
"""Share of a stride's time that judging may take while serd catches up."""


class Turns:
    """A round over so many voices of one capture. It has no clock of its own: it is told what was spent."""

    def __init__(self, count: int, stride: int, stride_s: float) -> None:
        """`stride` in samples: what was spent counts up to the next."""
        self._count, self._stride, self._budget_s = count, stride, BUDGET * stride_s
        self._next = 0
        """The voice that is next."""
        self._number = -1
        self._spent = 0.0
        self._cut = False

    def begin(self, place: int) -> list[int]:
        """The stream has come to this place, in samples; the voices in their order, each to be asked for by `may`."""
        if place // self._stride != self._number:
            self._number, self._spent, self._cut = place // self._stride, 0.0, False
        return [(self._next + k) % self._count for k in range(self._count)]

    def may(self, voice: int) -> bool:
        """Whether there is time for it in this stride. One voice alone waits until serd has caught up."""
        if self._count > 1 and not self._cut and self._spent < self._budget_s:
            return True
        if not self._cut:
            self._cut, self._next = True, voice
        return False

    def add(self, spent: float) -> None:
        """So many seconds went into a voice."""
        self._spent += spent
