"""The words of a language: notice, report, names of emotions; numbers and dates as they are written there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from serd.errors import UsageError

LANGUAGES = ("en", "de")


class Words:
    """Texts by name. A name that has none is a fault of the program: KeyError."""

    def __init__(self, language: str, texts: dict[str, Any]) -> None:
        self.language, self._texts = language, texts

    def say(self, text: str, /, **values: object) -> str:
        """A text of the report with its places filled in."""
        return str(self._texts["report"][text]).format(**values)

    def part(self, name: str) -> dict[str, Any]:
        """A part's texts, by name."""
        return dict(self._texts[name])

    def names(self, group: str) -> dict[str, str]:
        """A group of names, by code."""
        return dict(self._texts[group])

    def label(self, code: str) -> str:
        """An emotion's or figure's name; a label that we do not know names itself."""
        return str(self._texts["figures"].get(code, code))

    @property
    def notice(self) -> str:
        """What somebody agrees to."""
        return str(self._texts["notice"]["text"])

    @property
    def notice_version(self) -> str:
        """Changes whenever the notice does."""
        return str(self._texts["notice"]["version"])

    def number(self, value: float, digits: int = 0) -> str:
        """Written with this language's decimal sign."""
        text = f"{value:.{digits}f}"
        return text.replace(".", ",") if self.language == "de" else text

    def percent(self, share: float) -> str:
        """A share as whole per cent."""
        return f"{self.number(100 * share)} %"

    def day(self, when: date | datetime) -> str:
        """A date."""
        month = self._texts["months"][when.month - 1]
        return f"{when.day}. {month} {when.year}" if self.language == "de" else f"{when.day} {month} {when.year}"

    def time(self, when: datetime) -> str:
        """A date with hours and minutes."""
        return f"{self.day(when)}, {when:%H:%M}"

    def three(self, shares: tuple[float, float, float]) -> dict[str, str]:
        """A share with its interval, as `value`, `low` and `high`."""
        return dict(zip(("value", "low", "high"), map(self.percent, shares), strict=True))

    def duration(self, seconds: float) -> str:
        """Minutes and seconds, or hours and minutes."""
        whole = round(seconds)
        if whole < 60:
            return f"{whole} s"
        minutes, rest = divmod(whole, 60)
        if minutes < 60:
            return f"{minutes} min {rest:02d} s"
        return f"{minutes // 60} h {minutes % 60:02d} min"


@cache
def words_of(language: str) -> Words:
    """The words of `en` or `de`. Raises UsageError for another language."""
    if language not in LANGUAGES:
        raise UsageError(f"--lang {language}: not there; give {' or '.join(LANGUAGES)}")
    text = files("serd.journal").joinpath("texts", f"{language}.toml").read_text("utf-8")
    return Words(language, tomllib.loads(text))


def language_of(environ: Mapping[str, str]) -> str:
    """The account's language where there are words of it, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name, ""):
            return value[:2] if value[:2] in LANGUAGES else "en"
    return "en"
