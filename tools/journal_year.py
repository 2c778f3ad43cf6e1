"""A simulated year of the journal: `script/journal-year [--people N] [--years N] [--changed N] [--json FILE]`.

People have three sessions of 30 minutes a week, through the person's file, the figures and the report as they are.
Printed: bytes a person, the time of a report of a whole year, how many shifts the rules find where nobody changed,
and after how many sessions a change is told. Nobody's voice is in it.

With `--json` each person's figures are kept in FILE.part until all are there: a run that was ended goes on from them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from scipy.stats import binomtest

from serd.journal.person import has_encryption
from serd.journal.reading import read
from serd.journal.report import as_html, as_pdf
from serd.journal.store import Store
from serd.journal.words import words_of
from tests.support.journal_store import fill
from tests.support.journal_year import SPREAD, Person, dates, sessions_until_seen, told_by_chance

CHANGES = (1.0, 1.5, 2.0, 3.0)
"""Of the log-odds of one label; sessions differ by `SPREAD` (standard deviation) without any."""

MODEL, MINUTES = "serd-base/1.0", 30.0
SEEDS = {"people": 1000, "years": 0, "changed": 100_003}
"""The first seed of each part; the others follow it, one a person."""


class ResultCache:
    """Figures that were computed, by name, a JSON line each; without a file they are kept nowhere."""

    def __init__(self, path: Path | None) -> None:
        self._path, self._done = path, dict[str, Any]()
        if path and path.exists():
            whole = path.read_text("utf-8").rpartition("\n")[0]  # the last line may have broken off
            self._done = dict(json.loads(line) for line in whole.splitlines())
            path.write_text(whole + "\n" if whole else "", "utf-8")

    def get(self, name: str, make: Callable[[], Any]) -> Any:
        """The figures of that name, made where they are not there."""
        if name not in self._done:
            self._done[name] = make()
            if self._path:
                with self._path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps([name, self._done[name]]) + "\n")
            print(name, file=sys.stderr, flush=True)
        return self._done[name]

    def remove(self) -> None:
        """They are in the file of the whole."""
        if self._path:
            self._path.unlink(missing_ok=True)


def stored(seed: int, *, pdf: bool) -> dict[str, Any]:
    """A year of a person, written and reported."""
    with tempfile.TemporaryDirectory(prefix="serd-year-") as folder:
        store = Store.from_environment(os.environ, folder + "/store", None)
        store.make()
        person = Person(seed, minutes=MINUTES, activation=True)
        key = fill(store, "P-1", (person.session(when, model=MODEL) for when in dates(52)))
        with store.open(key) as file:
            file.shrink()
            cpu, wall = time.process_time(), time.monotonic()
            page = as_html(read(file, key.person), words_of("en"))
            found = {"report_cpu_s": time.process_time() - cpu, "report_s": time.monotonic() - wall}
            found |= {"bins": len(file.rows("bin")), "report_bytes": len(page.encode())}
        found["bytes"] = (store.folder / f"{key.number}.db").stat().st_size
    if pdf:
        cpu = time.process_time()
        found["pdf_bytes"] = len(as_pdf(page, "pdf/ua-1"))
        found["pdf_cpu_s"] = time.process_time() - cpu
    return {name: round(value, 3) for name, value in found.items()}


def spread(values: Sequence[float]) -> list[float]:
    """Median, least, most."""
    return [round(float(x), 3) for x in (statistics.median(values), min(values), max(values))]


def share(count: int, of: int) -> list[float]:
    """A share with its 95 % interval (Clopper and Pearson, 1934)."""
    low, high = binomtest(count, of).proportion_ci(0.95, "exact")
    return [round(float(x), 4) for x in (count / of, low, high)]


def measured(people: int, years: int, changed: int, kept: ResultCache) -> dict[str, Any]:
    """All figures; those that hang on the rules alone first."""
    unchanged = [
        kept.get(f"unchanged {seed}", partial(told_by_chance, seed))
        for seed in range(SEEDS["years"], SEEDS["years"] + years)
    ]
    seen = {}
    for change in CHANGES:
        found = [
            kept.get(f"changed by {change} {seed}", partial(sessions_until_seen, change, seed))
            for seed in range(SEEDS["changed"], SEEDS["changed"] + changed)
        ]
        told = [one for one in found if one is not None]
        quarters = statistics.quantiles(told, n=4, method="inclusive") if len(told) > 1 else told * 3
        seen[str(change)] = {"people": share(len(told), changed), "sessions": [round(x) for x in quarters]}
    each = [
        kept.get(f"stored {seed}", partial(stored, seed, pdf=seed == SEEDS["people"]))
        for seed in range(SEEDS["people"], SEEDS["people"] + people)
    ]
    return {
        "protocol": {
            "sessions_a_year": len(dates(52)), "minutes": MINUTES, "model": MODEL, "spread_log_odds": SPREAD,
            "seeds": SEEDS, "people": people, "years": years, "changed": changed, "encrypted": has_encryption(),
            "figures": 12,
        },
        "stored": {name: spread([one[name] for one in each if name in one]) for name in each[0]},
        "unchanged": {
            **{name: sum(one[name] for one in unchanged) for name in unchanged[0]},
            "people_with_a_shift": share(sum(one["shifts"] > 0 for one in unchanged), years),
        },
        "seen": seen,
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20, help="whose year is written and reported (default 20)")
    parser.add_argument("--years", type=int, default=1000, help="person-years to look for false shifts in (1000)")
    parser.add_argument("--changed", type=int, default=100, help="people who change, for each change (default 100)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    given = parser.parse_args()
    kept = ResultCache(given.json and given.json.with_name(given.json.name + ".part"))
    figures = measured(given.people, given.years, given.changed, kept)
    text = json.dumps(figures, indent=1)
    if given.json:
        given.json.write_text(text + "\n")
        kept.remove()
    print(text)


if __name__ == "__main__":
    main()
