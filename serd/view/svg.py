"""The picture as an SVG file, for documents."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME

from serd.view.view import View


def export_svg(view: View, path: Path, width: int, height: int, dark: bool = True) -> None:
    """Write the picture at the moment of the last event as SVG; the same events give the same file."""
    path.write_text(draw_svg(view, width, height, dark), "utf-8")


def draw_svg(view: View, width: int, height: int, dark: bool = True, name: str = "serd") -> str:
    """The picture at the moment of the last event as SVG, whose style sheet is that of `name` alone.

    The picture refers to nothing outside itself, and its blocks touch: letters are as high as a line.
    """
    console = Console(
        file=io.StringIO(), record=True, width=width, height=height, force_terminal=True, color_system="truecolor"
    )
    console.print(view.render(width, height, view.latest), end="")
    head, tail = CONSOLE_SVG_FORMAT.index("@font-face"), CONSOLE_SVG_FORMAT.index(".{unique_id}-matrix")
    form = CONSOLE_SVG_FORMAT[:head] + CONSOLE_SVG_FORMAT[tail:]
    for old, new in (
        ("Fira Code", "DejaVu Sans Mono, Menlo, Consolas"),
        ("{char_height}px", "21.2px"),
        ('-matrix">', '-matrix" xml:space="preserve">'),
        ("{lines}", ""),
    ):
        form = form.replace(old, new)
    svg = console.export_svg(
        title="serd",
        theme=SVG_EXPORT_THEME if dark else DEFAULT_TERMINAL_THEME,
        code_format=form,
        font_aspect_ratio=0.602 * 21.2 / 20,  # DejaVu's, for viewers that do not stretch text
        unique_id=name,
    )
    return re.sub(rf' clip-path="url\(#{name}-line-\d+\)"', "", svg)  # clipped lines leave seams
