"""The pictures of docs/cost.md: SVG made from docs/bench.json, the same from the same figures.

A file holds the checksum of the figures that it was drawn from. On a dark screen the card that they are drawn on is
dark, too.
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.bench.page import PLOTS, Figures, duration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STYLE: dict[Any, Any] = {"svg.hashsalt": "serd", "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9}
OURS, OTHERS = "#0b6e99", "#d9730d"
DARK = "<style>@media (prefers-color-scheme: dark) {svg {filter: invert(0.9) hue-rotate(180deg)}}</style>"


def stale(figures: Figures, folder: Path) -> list[str]:
    """Names of the pictures that were not drawn from these figures, of those that these figures have."""
    mark = _mark(figures)
    return [name for name in _drawable(figures) if mark not in _text(folder / f"{name}.svg")]


def draw(figures: Figures, folder: Path) -> None:
    """Draw all that these figures have. Raises ImportError without matplotlib."""
    import matplotlib as mpl

    folder.mkdir(exist_ok=True)
    about = {"Date": None, "Creator": None, "Identifier": _mark(figures)}
    for name in _drawable(figures):
        with mpl.rc_context(STYLE):
            drawn = io.StringIO()
            DRAW[name](figures).savefig(drawn, format="svg", metadata=about, bbox_inches="tight")
        text = "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())
        (folder / f"{name}.svg").write_text(text.replace(" <defs>", f" {DARK}\n <defs>", 1) + "\n", encoding="utf-8")


def beside(figures: Figures) -> Figure:
    """A bar for each, on a logarithmic axis."""
    from matplotlib.figure import Figure

    found = {name: one["cpu"] for name, one in reversed(figures["peers"].items()) if one}
    figure = Figure((6.5, 0.32 * len(found) + 0.7))
    axis = figure.subplots()
    medians = [median for _, median, _ in found.values()]
    colours = [OURS if name.startswith("serd, ") else OTHERS for name in found]
    axis.barh(list(found), medians, color=colours, log=True)
    for k, median in enumerate(medians):
        axis.text(median * 1.1, k, f"{median:.1f}" if median < 100 else f"{median:.0f}", va="center")
    axis.xaxis.set_major_formatter("{x:g}")
    axis.set(xlabel="CPU ms per second of audio, logarithmic", xlim=(min(medians) / 3, max(medians) * 3))
    axis.spines[["top", "right"]].set_visible(False)
    return figure


def growth(figures: Figures) -> Figure:
    """Four panels."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator

    found = figures["growth"]
    figure = Figure((7, 5.2), layout="constrained")
    (voices, stride), (length, readers) = figure.subplots(2, 2)
    _line(voices, found["voices"], ("voices", "cpu"), found["model"])
    voices.set(xlabel="voices", ylabel="CPU ms per s, all voices", xscale="log", yscale="log")
    for model, colour in zip(dict.fromkeys(row["model"] for row in found["stride"]), (OTHERS, OURS), strict=False):
        rows = [row for row in found["stride"] if row["model"] == model]
        _line(stride, rows, ("stride", "cpu"), model, colour)
    stride.set(xlabel="stride (s)", ylabel="CPU ms per s", xscale="log", yscale="log")
    stride.legend(frameon=False)
    _line(length, found["length"], ("seconds", "times"), found["model"])
    length.set(xlabel="length of the file", ylabel="times real time, a core", xscale="log")
    _line(readers, found["subscribers"], ("subscribers", "cpu"), found["model"])
    readers.set(xlabel="subscribers", ylabel="CPU ms per s")
    steps = ((voices, "voices", "voices"), (stride, "stride", "stride"), (length, "seconds", "length"))
    for axis, key, part in steps:
        places = sorted({row[key] for row in found[part]})
        axis.set_xticks(places, labels=[duration(x) if part == "length" else f"{x:.2g}" for x in places])
        axis.set_xticks([], minor=True)
    for axis in (voices, stride):
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_minor_locator(NullLocator())
    for axis in (length, readers):
        axis.set_ylim(0, 1.1 * axis.get_ylim()[1])
    for axis in (voices, stride, length, readers):
        axis.spines[["top", "right"]].set_visible(False)
        axis.yaxis.set_major_formatter("{x:g}")
    return figure


def _line(axis: Any, rows: list[dict[str, Any]], of: tuple[str, str], label: str, colour: str = OURS) -> None:
    x, y = ([row[key] for row in rows] for key in of)
    axis.plot(x, y, "o-", color=colour, label=label, markersize=4)


DRAW: dict[str, Callable[[Figures], Figure]] = {"beside": beside, "growth": growth}
assert DRAW.keys() == PLOTS.keys()


def _drawable(figures: Figures) -> list[str]:
    return [name for name, part in (("beside", "peers"), ("growth", "growth")) if figures.get(part)]


def _mark(figures: Figures) -> str:
    return f"{zlib.crc32(json.dumps(figures).encode()):08x} of docs/bench.json"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
