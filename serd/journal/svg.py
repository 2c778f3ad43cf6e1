"""SVG by hand: elements as text, with what a reader of the page is told instead of the picture.

Greys and shapes alone tell things apart, for prints; there is no style and no script.
"""

from __future__ import annotations

from html import escape

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


def mark(kind: str, x: float, y: float) -> str:
    """A session's sign: hollow or filled circle, a diamond for a one-off, a triangle for a shift."""
    if kind == "one-off":
        return path(f"M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z", PAPER, INK)
    if kind == "shift":
        return path(f"M{x:.1f} {y - 6:.1f}l6 11h-12z", INK, INK)
    fill, stroke = (PAPER, MIDDLE) if kind == "hollow" else (INK, INK)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{fill}" stroke="{stroke}"/>'
