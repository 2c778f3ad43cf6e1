"""JSON objects whose fields are checked as they are taken: what a stranger sent is refused, not repaired."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from serd.events.payload import finite, printable

MOST = 64
"""Entries of a list or a table."""


class CheckedObject:
    """A JSON object whose fields are what they should be, or ValueError that names the field is raised."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise ValueError(f"{path or 'the event'} is no object")
        self._values, self._path = value, f"{path}." if path else ""

    def holds(self, name: str) -> bool:
        """Whether the field is there, and not null."""
        return self._values.get(name) is not None

    def part(self, name: str) -> CheckedObject:
        """The object within."""
        return CheckedObject(self._values.get(name), self._path + name)

    def text(self, name: str, longest: int) -> str:
        """One line that anything can show, of 1 to `longest` characters."""
        return self._text(self._values.get(name), name, longest)

    def shown(self, name: str) -> str:
        """A text of any content, fit to be shown; it may be empty."""
        value = self._values.get(name)
        if not isinstance(value, str):
            raise self._wrong(name)
        return printable(value) or ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of 1 to MOST different texts of at most 64 characters."""
        values = self._values.get(name)
        if not isinstance(values, list) or not 1 <= len(values) <= MOST:
            raise self._wrong(name)
        texts = tuple(self._text(value, name, 64) for value in values)
        if len(set(texts)) < len(texts):
            raise self._wrong(name)
        return texts

    def choice(self, name: str, words: tuple[Any, ...]) -> Any:
        """One of `words`."""
        value = self._values.get(name)
        if not isinstance(value, str) or value not in words:
            raise self._wrong(name)
        return value

    def number(self, name: str, low: float, high: float) -> float:
        """A finite number within `low`..`high`."""
        value = finite(self._values.get(name))
        if value is None or not low <= value <= high:
            raise self._wrong(name)
        return value

    def share(self, name: str) -> float:
        """A number within 0..1."""
        return self.number(name, 0, 1)

    def shares(self) -> dict[str, float]:
        """The whole object, as a table of shares."""
        if not 1 <= len(self._values) <= MOST:
            raise ValueError(f"{self._path[:-1]} is wrong")
        return {self._text(name, name, 64): self.share(name) for name in self._values}

    def count(self, name: str) -> int:
        """An integer that is not negative."""
        value = self._values.get(name)
        if type(value) is not int or not 0 <= value < 1 << 63:
            raise self._wrong(name)
        return value

    def truth(self, name: str) -> bool:
        """True or false."""
        value = self._values.get(name)
        if not isinstance(value, bool):
            raise self._wrong(name)
        return value

    def moment(self, name: str) -> datetime:
        """A time of RFC 3339 with its offset."""
        text = self.text(name, 40)
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise self._wrong(name) from None

    def _text(self, value: object, name: object, longest: int) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= longest or not value.isprintable():
            raise self._wrong(name)
        return value

    def _wrong(self, name: object) -> ValueError:
        return ValueError(f"{self._path}{(printable(name) or '?')[:MOST]} is wrong")
