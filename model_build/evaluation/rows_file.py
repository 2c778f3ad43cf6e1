"""Rows put on a screen and into a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from model_build.evaluation.model_under_test import ModelUnderTest
from model_build.evaluation.row import Row
from model_build.files import cache
from serd.errors import UsageError

FORMAT = 1
COLUMNS = ("measure", "value", "95 %", "target", "", "heard", "n", "protocol")


def table(rows: Sequence[Row], title: str) -> Table:
    """One line a row; shares in percent."""
    made = Table(title=Text(title), title_justify="left")
    for name in COLUMNS:
        right = name in ("value", "95 %", "target", "n")
        made.add_column(name, justify="right" if right else "left", no_wrap=name not in ("measure", "protocol"))
    for row in rows:
        made.add_row(*map(Text, cells(row)))
    return made


def cells(row: Row) -> tuple[str, ...]:
    """The cells of a row, one for each of COLUMNS."""
    spread = f"{_figure(row.low, row)} to {_figure(row.high, row)}" if row.low is not None else ""
    met = {True: "met", False: "missed", None: ""}[row.met]
    count = str(row.count) if row.count else ""
    value = f"{_figure(row.value, row)} {_unit(row)}"
    return row.name, value, spread, target(row), met, row.heard, count, row.protocol


def target(row: Row) -> str:
    """`≤ 5`, `≥ 66`, `±5`, or nothing."""
    if row.most is not None and row.least == -row.most:
        return f"±{_short(row.most, row)}"
    bounds = [f"≥ {_short(row.least, row)}"] if row.least is not None else []
    return ", ".join([*bounds, *([f"≤ {_short(row.most, row)}"] if row.most is not None else [])])


def write(file: Path, rows: Sequence[Row], subject: ModelUnderTest, quick: bool) -> None:
    """All rows as JSON, whole or not at all."""
    contract, detector = subject.contract, subject.speech_contract
    data = {
        "format": FORMAT,
        "model": f"{contract.name}/{contract.version}",
        "sha256": contract.sha256,
        "detector": f"{detector.name}/{detector.version}",
        "detector_sha256": detector.sha256,
        "quick": quick,
        **({} if subject.most is None else {"clips": subject.most}),
        "rows": [row.document() for row in rows],
    }
    with cache.replacing(file) as written:
        written.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class RowsFile:
    """A file of rows."""

    model: str
    """`NAME/VERSION`."""
    sha256: str
    """Checksum of the evaluated network, in hexadecimal."""
    detector_sha256: str
    """Checksum of the speech detector before it."""
    quick: bool
    """No figures to report."""
    clips: int | None
    """Of each corpus at most, where not all were listened to."""
    rows: tuple[Row, ...]

    def is_of(self, subject: ModelUnderTest, quick: bool) -> bool:
        """Whether rows measured so stand beside these: of the same networks, and of as many clips."""
        measured = (subject.contract.sha256, subject.speech_contract.sha256, quick, subject.most)
        return measured == (self.sha256, self.detector_sha256, self.quick, self.clips)

    def joined(self, rows: Sequence[Row]) -> list[Row]:
        """These rows, with those measured anew in the places of their own, and new ones after them."""
        both = {_key(row): row for row in self.rows} | {_key(row): row for row in rows}
        return list(both.values())


def _key(row: Row) -> tuple[str, str]:
    return row.name, row.heard


def read(file: Path) -> RowsFile:
    """Read a file of rows: the inverse of `write`. Raises UsageError for anything else."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] != FORMAT:
            raise ValueError(f"its format is {data['format']}, this version reads {FORMAT}")
        rows = tuple(Row.parse(row) for row in data["rows"])
        return RowsFile(data["model"], data["sha256"], data["detector_sha256"], data["quick"], data.get("clips"), rows)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{file}: no rows of an evaluation ({error}); evaluate the model anew") from None


def _figure(value: float | None, row: Row) -> str:
    if value is None:
        return ""
    return f"{100 * value:.1f}" if row.unit == "share" else f"{value:+.1f}" if row.unit == "points" else f"{value:.2f}"


def _short(value: float, row: Row) -> str:
    return f"{round(100 * value, 1):g}" if row.unit == "share" else f"{value:g}"


def _unit(row: Row) -> str:
    return "%" if row.unit == "share" else row.unit
