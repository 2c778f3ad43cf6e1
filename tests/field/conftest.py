"""What the field tests share: a table of what they measured, printed after the last of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple

import pytest

from tests.support.fieldwork import Measured, table


@pytest.fixture
def measured(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Call it with what the test measured; the row's number is that of the module, test_02_callbacks_stop.py say."""
    number, name = request.path.stem.split("_", 2)[1:]

    def note(**figures: float | None) -> None:
        record_property("field", astuple(Measured(int(number), name.replace("_", " "), **figures)))

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table; with workers, this runs in the process that collects their reports."""
    rows: dict[int, Measured] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, row in getattr(report, "user_properties", ()):
                if name == "field":
                    made = Measured(*row)
                    rows[made.number] = made.or_worse(rows.get(made.number, made))
    if not rows:
        return
    terminalreporter.section("field tests")
    for line in table(rows.values()):
        terminalreporter.write_line(line)
