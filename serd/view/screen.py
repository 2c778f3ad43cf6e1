"""The screen: a terminal that shows one picture after the other, and is given only the lines that changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from serd.view.picture import Picture


def can_show() -> bool:
    """Whether standard output is a terminal that can be drawn on, and may be (TERM, TTY_COMPATIBLE)."""
    console = Console()
    terminal = console.file.isatty() and console.is_terminal  # rich takes FORCE_COLOR's word for it alone
    return terminal and not console.is_dumb_terminal and "TERM" in os.environ


class Screen:
    """The terminal's alternate screen, from entering the context to leaving it.

    rich's `Live` draws each line of each picture anew, three times through its layout: for a picture of
    60 lines that is most of what a live view costs.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._alternate = console.screen(hide_cursor=True)
        self._shown: Sequence[Text] = ()
        self._size = (0, 0)
        self.colour = console.color_system is not None and not console.no_color
        """Whether it has colours, and they are wanted (NO_COLOR)."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows, now."""
        width, height = self._console.size
        return width, height

    def __enter__(self) -> Self:
        self._alternate.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._alternate.__exit__(kind, error, trace)

    def show(self, picture: Picture, size: tuple[int, int], afresh: bool = False) -> None:
        """Show it on all of a screen of that `size`.

        `afresh`: also the lines that did not change, should another program have written over them.
        """
        width, height = size
        afresh = afresh or self._size != size
        lines = [*picture.lines, *[Text()] * (height - len(picture.lines))]
        with self._console:  # one write
            for row, line in enumerate(lines):
                if not afresh and line == self._shown[row]:
                    continue
                rest = width - picture.margin - cell_len(line.plain)
                segments = [*picture.segments(line, self._console), Segment(" " * rest)]
                self._console.update_screen_lines([segments], 0, row)
        self._shown, self._size = lines, size
