"""The timeline: what was heard in the last minutes, in slots of equal length."""

from __future__ import annotations

from dataclasses import dataclass

SLOT_S = 3.0
"""One column of the picture: a minute is 20 of them."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What prevailed in one slot."""

    name: str
    """An emotion's label, or a state: what was marked most often, the later one where two tie."""
    strength: float
    """Mean strength of its marks, 0 to 1."""


class Timeline:
    """Marks at points in time on any one clock; holds the last `span_s` seconds, however long it runs."""

    def __init__(self, span_s: float = 1800.0, slot_s: float = SLOT_S) -> None:
        self.slot_s = slot_s
        self._keep = max(1, round(span_s / slot_s))
        self._slots: dict[int, dict[str, tuple[int, float]]] = {}

    def mark(self, at: float, name: str, strength: float = 0.0) -> None:
        """`name` held at the time `at` (s)."""
        self._mark(self._index(at), name, strength)

    def fill(self, start: float, end: float, name: str) -> None:
        """`name` held from `start` to `end` (s)."""
        last = self._index(end)
        for index in range(max(self._index(start), last - self._keep + 1), last + 1):
            self._mark(index, name, 0.0)

    def slots(self, now: float, count: int) -> list[Slot | None]:
        """Slots up to the one that holds `now`, `count` of them; None where nothing was marked."""
        last = self._index(now)
        return [self._prevailing(index) for index in range(last - count + 1, last + 1)]

    def _index(self, at: float) -> int:
        return int(at // self.slot_s)

    def _mark(self, index: int, name: str, strength: float) -> None:
        marks = self._slots.setdefault(index, {})
        count, total = marks.pop(name, (0, 0.0))  # popped, so that the latest comes last
        marks[name] = (count + 1, total + strength)
        while len(self._slots) > self._keep:
            del self._slots[min(self._slots)]

    def _prevailing(self, index: int) -> Slot | None:
        marks = self._slots.get(index)
        if not marks:
            return None
        name = max(reversed(marks), key=lambda name: marks[name][0])
        count, total = marks[name]
        return Slot(name, total / count)
