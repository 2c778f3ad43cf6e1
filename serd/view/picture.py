"""The picture: a scene drawn for a screen of a given size, line by line."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from serd.view.charts import bars, blank, history, meter, small_meter, spread
from serd.view.glyphs import SIZES, draw, drawable
from serd.view.layout import Layout, lay_out
from serd.view.palette import BOLD, Palette
from serd.view.scene import Scene, percent


class Picture:
    """Finished lines: rich has neither to measure nor to wrap them, which is most of what it costs."""

    def __init__(self, lines: Sequence[Text], margin: int) -> None:
        self.lines = lines
        """At most as many as the screen has rows."""
        self.margin = margin
        """Columns left free at the left."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines:
            yield from self.segments(line, console)
            yield Segment.line()

    def segments(self, line: Text, console: Console) -> Iterator[Segment]:
        """One of the lines with its margin, as `console` is to write it."""
        yield Segment(" " * self.margin)
        if line.spans:
            yield from line.render(console)
        else:  # rich's `render` would leave the line's own style out
            yield Segment(line.plain, console.get_style(line.style))


def paint(scene: Scene, width: int, height: int, colour: bool) -> Picture:
    """At most `width` columns by `height` rows."""
    layout, palette = lay_out(width, height, scene.labels), Palette(scene.labels, colour)
    detail = _detail(scene, layout, palette)
    lines = [_title(scene, layout, palette), *blank(layout.above_word), *_word(scene, layout, palette)]
    lines += [*blank(layout.below_word), *detail, *blank(layout.above_bars + 1 - len(detail))]
    beside = itertools.zip_longest(bars(scene, layout, palette), meter(scene, layout, palette), fillvalue=Text())
    lines += [spread(bar, column, layout.width) for bar, column in beside]
    lines += [*blank(layout.above_strip), *history(scene, layout, palette)]
    lines += [*blank(layout.above_facts), *_facts(scene, layout, palette)]
    for line in lines:
        line.truncate(layout.width)
    return Picture(lines[: max(height, 0)], 1 if width > 2 else 0)


def _title(scene: Scene, layout: Layout, palette: Palette) -> Text:
    left = Text.assemble(("serd", BOLD), "  ")
    if scene.source not in ("", "default"):
        left.append(f"{scene.source}  ")
    if scene.synthetic:
        left.append(" demo: synthetic recording ", Style(reverse=True)).append("  ")
    good = scene.state == "listening"
    left.append(f"{'●' if good else '○'} {scene.state}", (palette.good if good else palette.alarm) + BOLD)
    left.append(f"  {scene.device}")
    return spread(left, Text(scene.endpoint, palette.faint), layout.width)


def _word(scene: Scene, layout: Layout, palette: Palette) -> list[Text]:
    style = palette.style(scene.tone) + BOLD
    size, number = layout.size, "" if scene.confidence is None else percent(scene.confidence).replace(" ", "")
    if size is None or not drawable(scene.word) or size.columns(scene.word) > layout.width:
        line = Text.assemble((scene.word.upper(), style), "  ", (number, style))
        return [*blank((layout.word - 1) // 2), line, *blank(layout.word - 1 - (layout.word - 1) // 2)]
    rows = [Text(row, style) for row in draw(scene.word, size)]
    longest = max(size.columns(word) for word in (scene.word, "no speech"))
    for smaller in SIZES[SIZES.index(size) :]:
        if number and longest + 2 + smaller.columns(number) <= layout.width:
            digits = draw(number, smaller)
            beside = [Text(row, style) for row in [""] * (len(rows) - len(digits)) + digits]
            return [spread(row, cells, layout.width) for row, cells in zip(rows, beside, strict=True)]
    return rows


def _detail(scene: Scene, layout: Layout, palette: Palette) -> list[Text]:
    """On a second line what does not fit on one, if there is a row to spare."""
    style = palette.alarm if scene.tone == "alarm" else palette.plain
    line = Text(scene.detail, style)
    if line.cell_len <= layout.width or not layout.above_bars:
        line.truncate(layout.width, overflow="ellipsis")
        return [line]
    words, first = scene.detail.split(" "), ""
    while words and len(first) + len(words[0]) < layout.width:
        first = f"{first} {words.pop(0)}".strip()
    second = Text(" ".join(words), style)
    second.truncate(layout.width, overflow="ellipsis")
    return [Text(first, style), second]


def _facts(scene: Scene, layout: Layout, palette: Palette) -> list[Text]:
    """Lines of facts, as many as there is room for; the hint at the end of the last line that is needed."""
    items = [small_meter(scene, palette)] if not layout.band else []
    for name, value, bad in scene.facts:
        style = palette.alarm + BOLD if bad else palette.plain
        items.append(Text.assemble((f"{name} ", palette.faint), (value, style)))
    lines: list[Text] = []
    for left in range(layout.facts, 0, -1):
        everything = sum(item.cell_len + 2 for item in items) + len(scene.hint)
        last = left == 1 or everything <= layout.width
        room = layout.width - (len(scene.hint) + 2 if last else 0)
        line = Text()
        while items and line.cell_len + 2 * bool(line) + items[0].cell_len <= room:
            line.append("  " if line else "").append_text(items.pop(0))
        if last:
            return [*lines, spread(line, Text(scene.hint, palette.faint), layout.width), *blank(left - 1)]
        lines.append(line)
    return lines
