"""Stores for tests, made through the journal's own parts."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from serd.journal.keys import PersonKey
from serd.journal.moment import Moment
from serd.journal.reading import read
from serd.journal.report import as_html
from serd.journal.store import Store
from serd.journal.words import words_of
from tests.support.journal_year import CONSENT, START, Person, dates

BEGAN = Moment.at(START, "UTC")


def make_store(folder: Path, *, encrypted: bool = True) -> Store:
    """An empty store in `folder`/store."""
    store = Store.from_environment(os.environ, str(folder / "store"), None)
    store.make(encrypted=encrypted)
    return store


def fill(store: Store, person: str, sessions: Iterable[dict[str, Any]], **consent: Any) -> PersonKey:
    """A person with a consent and sessions as `journal_year` draws them."""
    key = store.add(person)
    store.log(key, "consent", BEGAN)
    with store.open(key) as file, file.transaction():
        file.put("consent", [CONSENT | consent])
        for rows in sessions:
            for table, content in rows.items():
                file.put(table, content)
    return key


def weeks(count: int, seed: int = 5, *, minutes: float = 12.0, activation: bool = False) -> list[dict[str, Any]]:
    """Rows of three sessions a week."""
    person = Person(seed, minutes=minutes, activation=activation)
    return [person.session(when) for when in dates(count)]


def contents(folder: Path) -> bytes:
    """All bytes of all files under a folder."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def report_of_a_year(runs: int, folder: Path) -> float:
    """CPU seconds of a report of 156 sessions of 30 minutes, median of `runs`."""
    store = Store.from_environment(os.environ, str(folder / "store"), None)
    store.make()
    key = fill(store, "P-1", weeks(52, minutes=30.0))
    spent = []
    with store.open(key) as file:
        for _ in range(runs):
            began = time.process_time()
            as_html(read(file, key.person), words_of("en"))
            spent.append(time.process_time() - began)
    return statistics.median(spent)
