"""Figures put into words and tables. All shares are in percent, with one decimal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from model_build.statistics.bootstrap import Estimate

ALPHA = 0.05
"""A difference counts as shown below this p-value."""


@dataclass(frozen=True)
class Section:
    """One question of the report."""

    title: str
    answer: str
    """The answer in plain words; it stands in the summary, too."""
    body: tuple[str, ...] = ()
    """Lines of Markdown."""
    plots: tuple[str, ...] = field(default=())
    """Names of the plots that belong to it."""


def percent(share: float) -> str:
    """0.5444 -> 54.4."""
    return f"{100 * share:.1f}"


def interval(estimate: Estimate) -> str:
    """54.4 (51.0 to 57.9)."""
    return f"{percent(estimate.value)} ({percent(estimate.low)} to {percent(estimate.high)})"


def points(estimate: Estimate) -> str:
    """+2.0 (-1.1 to +5.0), in percentage points."""
    return f"{100 * estimate.value:+.1f} ({100 * estimate.low:+.1f} to {100 * estimate.high:+.1f})"


def p_value(p: float) -> str:
    """0.03, or < 0.001."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def thousands(count: float) -> str:
    """2541384 -> 2541."""
    return f"{count / 1000:.0f}"


def millions(count: float) -> str:
    """27312128 -> 27.3."""
    return f"{count / 1e6:.1f}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Markdown; the first column to the left, the others to the right."""
    lines = [f"| {' | '.join(header)} |", f"|---|{'---:|' * (len(header) - 1)}"]
    return ["", *lines, *(f"| {' | '.join(row)} |" for row in rows), ""]


def shown(apart: Estimate, p: float) -> bool:
    """Whether a difference is more than chance: the interval leaves 0 out, and p is small."""
    return p < ALPHA and not apart.holds(0)


def verdict(one: str, other: str, apart: Estimate, p: float) -> str:
    """Which of two is better, or that nothing shows it; `apart` is the first minus the second."""
    figures = f"{points(apart)} points, p {p_value(p)}" if p < 0.001 else f"{points(apart)} points, p = {p_value(p)}"
    if not shown(apart, p):
        return f"no difference between {one} and {other} is shown ({figures})"
    return f"{one} is {'better' if apart.value > 0 else 'worse'} than {other} ({figures})"


def listed(items: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def sentence(text: str) -> str:
    """The words with a capital and a full stop. A network's name keeps its own letters."""
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def not_run(name: str) -> str:
    """What to say of a study without records."""
    return f"Not run yet: `python -m model_build study {name} --data DIR` does it."


def unfinished(name: str, done: int, wanted: int) -> list[str]:
    """A line on what has not been run yet, if anything."""
    if done == wanted:
        return []
    return ["", f"Only {done} of {wanted} runs of `{name}` are done: what follows may change with the others.", ""]


def tidy(lines: Iterable[str]) -> str:
    """Lines as a text, with one blank one at most between two others."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).rstrip() + "\n"
