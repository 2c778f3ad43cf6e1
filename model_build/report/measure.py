"""A measure of a default model with its target, whether worked out from records or read from an evaluation's rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from model_build.evaluation.row import Row
from model_build.evaluation.rows_file import cells
from model_build.report.formatting import Section, not_run, table, unfinished


@dataclass(frozen=True)
class Measure:
    """A figure in words, with its target."""

    name: str
    figure: str
    target: str = ""
    met: bool | None = None
    """None: there is no target."""


def answered(title: str, study: str, every: Sequence[Measure], text: str, progress: tuple[int, int]) -> Section:
    """The section of a study of which these measures are there: the first one and how many targets are met, a text on
    how they were measured, and all of them."""
    if not every:
        return Section(title, not_run(study))
    missed = [measure.name for measure in every if measure.met is False]
    aimed = sum(measure.met is not None for measure in every)
    answer = f"{every[0].name}: {every[0].figure}. Of {aimed} targets {aimed - len(missed)} are met"
    answer += f"; missed: {'; '.join(missed)}." if missed else "."
    return Section(title, answer, (text, *unfinished(study, *progress), *measure_table(every)))


def measured(row: Row) -> Measure:
    """A row of `python -m model_build evaluate` as a figure with unit and interval."""
    name, value, spread, target, *_ = cells(row)
    return Measure(name, f"{value} ({spread})" if spread else value, target, row.met)


def at_least(value: float, least: float, scale: float = 100) -> tuple[str, bool]:
    """Target of a value that should be large, in text, and whether it is met; with `scale` 100 it is in percent."""
    return f"≥ {scale * least:g}", value >= least


def at_most(value: float, most: float, scale: float = 100) -> tuple[str, bool]:
    """Target of a value that should be small, in text, and whether it is met; `scale` as above."""
    return f"≤ {scale * most:g}", value <= most


def within_points(difference: float, most: float) -> tuple[str, bool]:
    """Target of a difference of shares that should be small either way, in points, and whether it is met."""
    return f"within {most:g}", 100 * abs(difference) <= most


def measure_table(measures: Iterable[Measure], *more: tuple[str, list[str]]) -> list[str]:
    """Markdown lines; `more` columns come last, each with a head and a cell for every measure."""
    every = [
        (measure.name, measure.figure, measure.target, {None: "", True: "yes", False: "no"}[measure.met])
        for measure in measures
    ]
    rows = [(*cells, *(column[k] for _, column in more)) for k, cells in enumerate(every)]
    return table(("measure", "figure", "target", "met", *(head for head, _ in more)), rows)
