"""A simulated year of the journal: `script/journal-year [--people N] [--years N] [--json FILE]`.

People have three sessions of 30 minutes a week, through the person's file, the figures and the report as they are.
Printed: bytes a person, the time of a report of a whole year, how many shifts the rules find where nobody changed,
and after how many sessions a change is told. Nobody's voice is in it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from serd.journal.person import has_encryption
from serd.journal.reading import read
from serd.journal.report import as_html
from serd.journal.store import Store
from serd.journal.words import words_of
from tests.support.journal_store import fill
from tests.support.journal_year import Person, dates, false_shifts, sessions_until_seen

CHANGES = (1.0, 1.5, 2.0, 3.0)
"""Of the log-odds of one label; sessions differ by 0.35 (standard deviation) without any."""


def stored(people: int, folder: Path) -> dict[str, Any]:
    """A year of each, written and reported."""
    store = Store.from_environment(os.environ, str(folder / "store"), None)
    store.make()
    sizes, spent, walls, pages = [], [], [], []
    for number in range(people):
        person = Person(1000 + number)
        key = fill(store, f"P-{number}", (person.session(when) for when in dates(52)))
        with store.open(key) as file:
            file.shrink()
            cpu, wall = time.process_time(), time.monotonic()
            page = as_html(read(file, key.person), words_of("en"))
            spent.append(time.process_time() - cpu)
            walls.append(time.monotonic() - wall)
            bins = len(file.rows("bin"))
        sizes.append((store.folder / f"{key.number}.db").stat().st_size)
        pages.append(len(page))
        print(f"person {number + 1} of {people}", file=sys.stderr, flush=True)
    return {
        "people": people, "sessions": len(dates(52)), "bins": bins, "encrypted": has_encryption(),
        "bytes": round(statistics.median(sizes)), "report_bytes": round(statistics.median(pages)),
        "report_cpu_s": round(statistics.median(spent), 3), "report_s": round(statistics.median(walls), 3),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=20, help="whose year is written and reported (default 20)")
    parser.add_argument("--years", type=int, default=200, help="person-years to look for false shifts in (default 200)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="serd-year-") as folder:
        figures = stored(given.people, Path(folder))
    kept = "encrypted" if figures["encrypted"] else "not encrypted"
    print(f"a year of a person: {figures['sessions']} sessions, {figures['bins']} bins,"
          f" {figures['bytes'] / 1e6:.1f} MB ({kept})")  # fmt: skip
    print(f"report of a year: {figures['report_cpu_s']:.2f} s of CPU, {figures['report_s']:.2f} s,"
          f" {figures['report_bytes'] / 1e6:.1f} MB (medians of {given.people})")  # fmt: skip
    figures |= {"years": given.years, "false_shifts": false_shifts(given.years)}
    print(f"false shifts: {figures['false_shifts']} in {given.years} person-years,"
          f" {10 * figures['false_shifts'] / given.years:.2f} in ten")  # fmt: skip
    figures["seen"] = {}
    for change in CHANGES:
        found = sessions_until_seen(change, 40)
        told = sorted(one for one in found if one is not None)
        figures["seen"][str(change)] = {
            "share": len(told) / len(found),
            "median": told[len(told) // 2] if told else None,
        }
        after = f"after {told[len(told) // 2]} sessions in the median" if told else "never"
        seen = 100 * len(told) / len(found)
        print(f"a change of {change:.1f} in log-odds: told in {seen:.0f} % within a year, {after}")
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
