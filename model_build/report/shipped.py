"""What `evaluate` measured with an installed model file itself, as its card tells it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from model_build.evaluation import rows_file
from model_build.evaluation.row import Row
from model_build.evaluation.selection import SEED
from model_build.report.measure import measure_table, measured
from serd.errors import UsageError
from serd.inference.contract import read_model
from serd.inference.model import find

ROWS = ("false emotions", "speech missed", "neutral speech")
"""Measures of the shipped file that no fold's model is asked for, by the beginnings of their names."""


def rows(name: str, file: Path) -> list[Row]:
    """Those of the installed model, among an evaluation's. Raises UsageError for the rows of another file."""
    evaluated, installed = rows_file.read(file), read_model(find(name))[1]
    if evaluated.quick:
        raise UsageError(f"{file}: made with --quick, no figures to report; evaluate the model anew")
    if (evaluated.model, evaluated.sha256) != (f"{installed.name}/{installed.version}", installed.sha256):
        raise UsageError(f"{file}: of {evaluated.model}, not of the installed {name}; evaluate the model anew")
    return [row for row in evaluated.rows if row.name.startswith(ROWS)]


def lines(name: str, file: Path, evaluated_rows: Sequence[Row]) -> list[str]:
    """The card's part about these rows."""
    installed, few = read_model(find(name))[1], rows_file.read(file).clips
    drawn = f" Of each corpus at most {few} clips were listened to, drawn with seed {SEED}." if few else ""
    return [
        "## What was measured with the shipped file itself",
        "",
        f"`python -m model_build evaluate`, `{name}/{installed.version}` with the network of SHA-256 "
        f"`{installed.sha256[:16]}…`. "
        f"Heard: whether the network was trained on the speakers, or the folds of noise.{drawn}",
        *measure_table(map(measured, evaluated_rows), ("heard", [row.heard for row in evaluated_rows])),
        *(f"- {row.name} ({row.heard}): {row.protocol}." for row in evaluated_rows),
        "",
    ]
