"""SVG by hand: elements as text, with what a reader of the page is told instead of the picture.

Greys and shapes alone tell things apart, for prints; there is no style and no script.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

SHAPES, TIP = {"one-off": "l6 6l-6 6l-6-6z", "shift": "l6 11h-12z"}, {"one-off": 6.0, "shift": 6.0}
INK, MIDDLE, PALE, PAPER = "#222222", "#767676", "#dcdcdc", "#ffffff"
WIDTH = 720


def picture(height: int, title: str, parts: list[str]) -> str:
    """A picture 720 units wide."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return f'{head} role="img"><title>{escape(title)}</title>{"".join(parts)}</svg>'


def text(x: float, y: float, content: str, *, anchor: str = "start", size: int = 11, fill: str = INK) -> str:
    """A line of text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="DejaVu Sans, Arial, sans-serif" font-size="{size}" fill="{fill}"'
        f' text-anchor="{anchor}">{escape(content)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = MIDDLE, dash: str = "") -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}"{dashed}/>'


def path(d: str, fill: str, stroke: str = "none") -> str:
    """Any outline."""
    return f'<path d="{d}" fill="{fill}" stroke="{stroke}"/>' if d else ""


def strokes(d: str, stroke: str, width: float) -> str:
    """Lines of any number in one element: a report of a year would have thousands, and a PDF takes long over each."""
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}"/>' if d else ""


def dots(d: str, stroke: str, width: float) -> str:
    """Circles in one element, as lines of no length with round ends."""
    return strokes(d, stroke, width).replace("/>", ' stroke-linecap="round"/>')


def marks(places: Sequence[tuple[str, float, float]], size: float = 3.5) -> list[str]:
    """Sessions' signs (kind, x, y): hollow or filled circles, a diamond for a one-off, a triangle for a shift."""
    found: dict[str, list[str]] = {"hollow": [], "one-off": [], "shift": [], "filled": []}
    for kind, x, y in places:
        shape = SHAPES.get(kind, "h0")
        found[kind if kind in found else "filled"].append(f"M{x:.1f} {y - TIP.get(kind, 0):.1f}{shape}")
    drawn = {kind: "".join(shapes) for kind, shapes in found.items()}
    return [
        dots(drawn["hollow"], MIDDLE, 2 * size + 1),
        dots(drawn["hollow"], PAPER, 2 * size - 1),
        dots(drawn["filled"], INK, 2 * size + 1),
        path(drawn["one-off"], PAPER, INK),
        path(drawn["shift"], INK, INK),
    ]
