"""docs/bench.json as docs/cost.md shows it: tables, and where the plots are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tools.bench.pi import HEAD

Figures = dict[str, Any]
OURS = "serd, serd-small"
"""What others are compared with."""
PLOTS = {
    "beside": "CPU milliseconds per second of audio: serd with each model, and what people would use instead",
    "growth": "How the cost grows with voices, stride, length of a recording, subscribers",
}
"""Pictures of docs/cost/, and what they show."""


def cost(figures: Figures) -> str:
    """The machine, and every figure with its quartiles."""
    spread = figures.get("spread", {})
    rows = []
    for name, value in figures.items():
        if value is None or isinstance(value, (int, float)):
            rows.append((name, _number(value), _range(spread.get(name))))
    return f"{_machine(figures)}{_table(('', 'median', 'quartiles'), rows)}"


def peers(figures: Figures) -> str:
    """serd and what it is put beside, in a table and bars."""
    found = figures.get("peers")
    if not found:
        return "Not measured yet."
    ours = found[OURS]["cpu"][1]
    head = (
        "", "CPU ms per s", "quartiles", "over serd-small", "streams a core", "memory (MB)", "start (s)",
        "installed (MB)",
    )  # fmt: skip
    rows = []
    for name, one in found.items():
        if one is None:
            rows.append((name, "not available here", *[""] * 6))
            continue
        low, median, high = one["cpu"]
        rows.append((
            name, _number(median), _range((low, high)), f"{median / ours:.1f} ×", f"{1000 / median:.0f}",
            f"{one['memory']:.0f}", f"{one['first']:.1f}", _number(one["installed"], 0),
        ))  # fmt: skip
    return _table(head, rows) + "\n\n" + _picture("beside")


def growth(figures: Figures) -> str:
    """Four plots, and the same in tables."""
    found = figures.get("growth")
    if not found:
        return "Not measured yet."
    voices = (
        (row["voices"], _number(row["cpu"]), _number(row["cpu"] / row["voices"]), _number(row["memory"], 1),
         f"{row['p50']:.1f}, {row['p99']:.1f}", row["skipped"], row["lost"])
        for row in found["voices"]
    )  # fmt: skip
    crowd = ("voices", "CPU ms per s", "per voice", "memory (MB)", "latency p50, p99 (ms)", "skipped", "lost")
    strides = ((row["model"], f"{row['stride']:g}", _number(row["cpu"])) for row in found["stride"])
    lengths = (
        (duration(row["seconds"]), f"{row['times']:.0f} ×", _number(row["memory"], 0)) for row in found["length"]
    )
    readers = ((row["subscribers"], _number(row["cpu"]), row["dropped"]) for row in found["subscribers"])
    return "\n\n".join((
        _picture("growth"),
        _table(crowd, voices),
        _table(("model", "stride (s)", "CPU ms per s"), strides),
        _table(("a file of", "real time, a core", "memory (MB)"), lengths),
        _table(("subscribers", "CPU ms per s", "dropped"), readers),
    ))  # fmt: skip


def boards(_figures: Figures) -> str:
    """The head of the table that `script/bench --pi` prints rows of, with an empty one."""
    return "\n".join((*HEAD, "|" + " |" * (HEAD[0].count("|") - 1)))


def _machine(figures: Figures) -> str:
    here = figures.get("machine")
    if not here:
        return ""
    kind = "virtual machine, " if here["virtual"] else ""
    return (
        f"{here['name']} ({kind}{here['cores']} cores, {here['system']}, Python {here['python']};"
        f" load average {here['load']} before it began)\n\n"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def _picture(name: str) -> str:
    return f"![{PLOTS[name]}](cost/{name}.svg)"


def _number(value: float | None, digits: int = 2) -> str:
    return "not available here" if value is None else f"{value:.{digits}f}"


def _range(of: Sequence[float] | None) -> str:
    return "" if of is None else f"{of[0]:.2f} to {of[-1]:.2f}"


def duration(seconds: float) -> str:
    """Such as `1 min`."""
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"
