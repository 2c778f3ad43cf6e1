"""Networks set against a standard one, on the speakers and folds that both were tested on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from model_build.report.formatting import interval, millions, p_value, points, table, thousands
from model_build.report.records import Records, repetitions, tallies
from model_build.statistics.bootstrap import Estimate, Figure, holm, uar
from model_build.studies.catalogue import AnyExperiment


@dataclass(frozen=True)
class Variant:
    """One network or variant."""

    name: str
    estimate: Estimate
    tests: int
    """Trainings behind it."""
    parameters: int
    macs: int
    apart: Estimate | None = None
    """This minus the standard; None for the standard itself, or where they have no test in common."""
    p: float = 1.0
    """Adjusted for the number of variants (Holm)."""


def compare(
    book: Records,
    standard: tuple[str, Sequence[AnyExperiment]],
    variants: Mapping[str, Sequence[AnyExperiment]],
    figure: Figure = uar,
) -> list[Variant]:
    """The standard first, then each variant that has been run at all."""
    base = repetitions(book, standard[1])
    rows = []
    for name, runs in [standard, *variants.items()]:
        tests = repetitions(book, runs)
        alone = tallies(tests)
        if alone is None:
            continue
        _, record = book.there(runs)[0]
        numbers = record.numbers
        apart, p = None, 1.0
        both = tallies(tests, base) if base and name != standard[0] else None
        if both is not None and both[0].groups == both[1].groups:
            apart, p = both[0].against(both[1], figure)
        count = sum(len(folds) for folds in tests.values())
        rows.append(Variant(name, alone[0].estimate(figure), count, numbers["parameters"], numbers["macs"], apart, p))
    return _adjusted(rows)


def _adjusted(rows: list[Variant]) -> list[Variant]:
    compared = [k for k, row in enumerate(rows) if row.apart is not None]
    for k, p in zip(compared, holm([rows[k].p for k in compared]), strict=True):
        row = rows[k]
        rows[k] = Variant(row.name, row.estimate, row.tests, row.parameters, row.macs, row.apart, p)
    return rows


def comparison_table(rows: Iterable[Variant], what: str, figure: str = "UAR") -> list[str]:
    """Markdown lines."""
    header = (what, f"{figure} (95 %)", "against the first, points", "p", "trainings", "thousand parameters", "M MACs")
    return table(
        header,
        [
            (
                row.name,
                interval(row.estimate),
                points(row.apart) if row.apart else "",
                p_value(row.p) if row.apart else "",
                str(row.tests),
                thousands(row.parameters),
                millions(row.macs),
            )
            for row in rows
        ],
    )
