"""The fields of an event as a reader wants them: there, of the right type and fit to be shown, or None."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping

LONGEST = 200
"""Characters of a text that are kept."""


class Payload:
    """A view of a JSON object that may lack anything: it came over a socket, perhaps from another version."""

    def __init__(self, value: object) -> None:
        self._values: Mapping[str, object] = value if isinstance(value, Mapping) else {}

    def __bool__(self) -> bool:
        return bool(self._values)

    def part(self, name: str) -> Payload:
        """The object within; empty if there is none."""
        return Payload(self._values.get(name))

    def text(self, name: str) -> str | None:
        """A text on one line, without control characters; None if it is empty or no text."""
        return printable(self._values.get(name))

    def number(self, name: str) -> float | None:
        """A finite number."""
        return finite(self._values.get(name))

    def whole(self, name: str) -> int | None:
        """An integer."""
        value = self._values.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def flag(self, name: str) -> bool:
        """True only if it says so."""
        return self._values.get(name) is True

    def texts(self, name: str) -> tuple[str, ...]:
        """A list's texts; anything else in it is left out."""
        values = self._values.get(name)
        return tuple(filter(None, map(printable, values))) if isinstance(values, list | tuple) else ()

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list's finite numbers; anything else in it is left out."""
        values = self._values.get(name)
        numbers = map(finite, values) if isinstance(values, list | tuple) else ()
        return tuple(number for number in numbers if number is not None)

    def table(self) -> dict[str, float]:
        """All finite numbers, by name."""
        named = ((printable(name), finite(value)) for name, value in self._values.items())
        return {name: value for name, value in named if name is not None and value is not None}


def printable(value: object) -> str | None:
    """Terminals obey control characters, so a stranger's text is shown without them."""
    if not isinstance(value, str):
        return None
    kept = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in value[:LONGEST])
    return " ".join(kept.split()) or None


def finite(value: object) -> float | None:
    """A number one can calculate with: within ±1e15, no truth value, no NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= 1e15 and not math.isnan(value) else None
