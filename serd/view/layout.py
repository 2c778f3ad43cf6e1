"""The layout: how a screen's rows and columns are shared out among the parts of the picture."""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len

from serd.view.glyphs import SIZES, Size

WORDS = ("no speech", "uncertain", "no events", "listening")
"""Words that any model's picture may have to show large."""

NUMBER = "99%"
PANEL_FROM = 60
"""Columns from which on there is room for a meter beside the bars."""

NAME_AT_MOST = 12


@dataclass
class Layout:
    """Rows of each part. Every picture has a title, a word and its detail; the rest comes as there is room."""

    width: int
    """Columns between the margins."""
    size: Size | None
    """Size of the large letters; None: plain text."""
    name: int
    """Columns of the labels' names."""
    band: int
    """Columns of one of the meter's bands; 0: no room for a meter."""
    word: int = 1
    bars: int = 0
    bar_height: int = 1
    bar_gap: int = 0
    strip: int = 0
    names: int = 0
    axis: int = 0
    facts: int = 0
    above_word: int = 0
    below_word: int = 0
    above_bars: int = 0
    above_strip: int = 0
    above_facts: int = 0

    @property
    def panel(self) -> int:
        """Rows of the bars and of the meter beside them."""
        return max(self.bars * self.bar_height + (self.bars - 1) * self.bar_gap, 0)

    @property
    def bar(self) -> int:
        """Columns of a full bar: what its name, its value and the meter leave."""
        meter = 8 * self.band + 7 + 4 if self.band else 0
        return max(self.width - self.name - 7 - meter, 0)


def lay_out(width: int, height: int, labels: tuple[str, ...]) -> Layout:
    """The layout for a screen of `width` columns and `height` rows. It depends on nothing that changes with
    time, so that the picture stands still while its contents move."""
    inner = max(width - 2, 1)
    size = _size(inner, height, labels)
    layout = Layout(
        width=inner,
        size=size,
        name=min(max(map(cell_len, labels), default=0), NAME_AT_MOST, inner),
        band=min((width - 40) // 20, 5) if width >= PANEL_FROM else 0,
        word=size.rows if size else 1,
    )
    left = max(height - 2 - layout.word, 0)

    def give(part: str, at_most: int = 1, keep: int = 0) -> None:
        nonlocal left
        rows = max(min(at_most, left - keep), 0)
        setattr(layout, part, getattr(layout, part) + rows)
        left -= rows

    give("facts")
    give("strip")
    give("bars", len(labels), keep=1)
    for part in ("axis", "names", "above_word", "above_strip", "above_bars", "strip", "facts", "above_facts"):
        give(part)
    if left >= layout.bars - 1 > 0:
        layout.bar_gap = 1
        left -= layout.bars - 1
    give("strip", 4)
    if left >= layout.bars > 0 and layout.bar_gap:
        layout.bar_height = 2
        left -= layout.bars
    give("strip", 6)
    give("below_word")
    give("above_word")
    return layout


def _size(inner: int, height: int, labels: tuple[str, ...]) -> Size | None:
    """The largest letters in which every word fits beside its number, in under a third of the height."""
    for words in ((*WORDS, *labels), WORDS):  # a very long label alone is no reason to give up the letters
        longest = max(words, key=len)
        for size in SIZES:
            beside = min(SIZES[-1].columns(NUMBER), inner) + 2
            if size.columns(longest) + beside <= inner and size.rows <= 0.3 * height:
                return size
    return None
