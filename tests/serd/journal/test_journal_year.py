"""A year of the journal: what is said of it in docs and reports, and that its report stays small."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from serd.journal import charts
from serd.journal.course import course
from serd.journal.known import known_error
from serd.journal.reading import Reading, read
from serd.journal.report import as_html
from serd.journal.words import LANGUAGES, words_of
from tests.support.journal_store import fill, make_store, weeks
from tests.support.journal_year import Person, dates
from tools.checkout import ROOT
from tools.journal_year import ResultCache, share

YEAR = json.loads((ROOT / "docs" / "journal-year.json").read_text("utf-8"))
COUNTS = {"en": "one person in sixteen", "de": "eine von sechzehn Personen"}


def a_reading(folder: Path, sessions: list[Any]) -> Reading:
    store = make_store(folder, encrypted=False)
    with store.open(fill(store, "P-1", sessions)) as file:
        return read(file, "P-1")


def test_the_recorded_year_keeps_what_is_promised() -> None:
    assert YEAR["protocol"]["people"] >= 20
    assert 10 * YEAR["unchanged"]["shifts"] / YEAR["protocol"]["years"] <= 1
    assert YEAR["stored"]["report_cpu_s"][0] <= 2
    assert YEAR["stored"]["pdf_cpu_s"][0] <= 15


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_says_of_chance_what_the_year_found(language: str) -> None:
    told = str(words_of(language).part("report")["weeks"])
    assert COUNTS[language] in told
    assert round(1 / YEAR["unchanged"]["people_with_a_shift"][0]) == 16
    assert 1 <= 100 * YEAR["unchanged"]["one_offs"] / YEAR["unchanged"]["compared"] <= 2


def test_a_session_adds_few_elements_to_a_report(tmp_path: Path) -> None:
    """A PDF takes long over each element: a year has 156 sessions."""
    pages = [as_html(a_reading(tmp_path / str(n), weeks(n, activation=True)), words_of("en")) for n in (3, 6)]
    few, many = (len(re.findall("<[a-z]", page)) for page in pages)
    assert (many - few) / 9 <= 14


def test_cuts_that_are_close_have_one_word(tmp_path: Path) -> None:
    """Two words would be written over each other."""
    person = Person(5)
    devices = ["USB"] * 5 + ["Headset"] + ["USB"] * 12
    reading = a_reading(tmp_path, [person.session(w, device=d) for w, d in zip(dates(6), devices, strict=True)])
    words, times = words_of("en"), [charts.began(one) for one in reading.sessions]
    drawn = charts.timeline(reading.sessions, course(reading.sessions), charts.Days.of(times), words)
    assert drawn.count("stroke-dasharray") == 2
    assert drawn.count(">changed</text>") == 1


def test_an_axis_over_a_year_names_firsts_of_months() -> None:
    ticks = charts.Days.of(dates(52)).ticks()
    assert 4 <= len(ticks) <= 7
    assert {tick.day for tick in ticks} == {1}
    assert len({tick.day for tick in charts.Days.of(dates(4)).ticks()}) > 1


def test_a_year_goes_on_where_it_was_ended(tmp_path: Path) -> None:
    made = list[str]()

    def figure(name: str) -> str:
        made.append(name)
        return name

    path = tmp_path / "year.json.part"
    first = ResultCache(path)
    for name in ("a", "b"):
        first.get(name, lambda name=name: figure(name))  # type: ignore[misc]
    with path.open("a") as file:
        file.write('["c", {"bro')  # ended in the middle of a line
    second = ResultCache(path)
    assert [second.get(name, lambda name=name: figure(name)) for name in ("a", "b", "c")] == ["a", "b", "c"]  # type: ignore[misc]
    assert made == ["a", "b", "c"]
    assert [json.loads(line)[0] for line in path.read_text().splitlines()] == ["a", "b", "c"]
    second.remove()
    assert not path.exists()


def test_a_share_has_its_exact_interval() -> None:
    assert share(0, 10) == [0.0, 0.0, 0.3085]
    assert share(5, 10) == [0.5, 0.1871, 0.8129]


def test_beside_liveliness_is_how_often_it_is_right(tmp_path: Path) -> None:
    known = known_error("serd-base/1.0")
    assert known is not None
    assert known.activation is not None
    assert known.activation[1] < known.activation[0] < known.activation[2]
    person = Person(5, activation=True)
    page = as_html(
        a_reading(tmp_path, [person.session(when, model="serd-base/1.0") for when in dates(1)]), words_of("en")
    )
    assert page.count(f"right in {known.activation[0]:.0%} of these".replace("%", " %")) == 3
    assert "is not known" not in page
