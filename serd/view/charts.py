"""The charts: bars of the probabilities, the level meter and the strip of the last minutes."""

from __future__ import annotations

import itertools
from functools import lru_cache

from rich.cells import set_cell_size
from rich.style import Style
from rich.text import Span, Text

from serd.view.layout import Layout
from serd.view.palette import BOLD, Palette
from serd.view.scene import Scene, percent
from serd.view.timeline import Slot

RIGHTWARDS = " ▏▎▍▌▋▊▉█"
UPWARDS = " ▁▂▃▄▅▆▇█"
FLOOR_DB = -90.0
"""The meter's lower end; its upper is 0."""

WARM_DB, HOT_DB = -18.0, -6.0


def bars(scene: Scene, layout: Layout, palette: Palette) -> list[Text]:
    shown = scene.labels
    if len(shown) > layout.bars:  # the likeliest, in their usual order
        ranked = sorted(shown, key=lambda name: -scene.probabilities.get(name, 0.0))[: layout.bars]
        shown = tuple(name for name in shown if name in ranked)
    lines: list[Text] = []
    for name in shown:
        share = scene.probabilities.get(name)
        weight = BOLD if name == scene.label else palette.plain
        bar = _bar(share, layout.bar - (0 if palette.colour else 2), palette.style(name), palette)
        value = f"{percent(share):>6}"
        letter = "" if palette.colour else f"{palette.letter(name)} "
        head = letter + set_cell_size(name, layout.name) + " "
        if lines:
            lines += blank(layout.bar_gap)
        lines.append(Text.assemble((head, weight), bar, (value, weight)))
        lines += [Text.assemble(" " * len(head), bar) for _ in range(layout.bar_height - 1)]
    return lines


def _bar(share: float | None, columns: int, style: Style, palette: Palette) -> Text:
    eighths = round(min(max(share or 0.0, 0.0), 1.0) * columns * 8)
    full, rest = divmod(eighths, 8)
    filled = "█" * full + (RIGHTWARDS[rest] if rest else "")
    return Text.assemble((filled, style), ("·" * (columns - len(filled)), palette.faint))


def meter(scene: Scene, layout: Layout, palette: Palette) -> list[Text]:
    """The level over bars for the bands, low to high, each row in the colour of its loudness."""
    rows = layout.panel
    if not layout.band or rows == 0:
        return []
    columns = 8 * layout.band + 7
    clipped = Text("  clipped", palette.alarm + BOLD) if scene.clipping > 0 else Text()
    level = Text.assemble(("input ", palette.faint), decibel(scene.level), clipped)
    lines = [pad(level, columns)]
    foot = rows >= 6
    high = rows - 1 - foot
    for row in range(high, 0, -1):
        top_db = FLOOR_DB * (1 - row / high)
        style = palette.alarm if top_db > HOT_DB else palette.warm if top_db > WARM_DB else palette.good
        cells = []
        for band in (*scene.bands[:8], *[FLOOR_DB] * (8 - len(scene.bands))):
            eighths = round((1 - band / FLOOR_DB) * high * 8) - 8 * (row - 1)
            cells.append((UPWARDS[min(max(eighths, 0), 8)]) * layout.band)
        lines.append(Text(" ".join(cells), style))
    if foot:
        lines.append(spread(Text("low", palette.faint), Text("high", palette.faint), columns))
    return lines


def history(scene: Scene, layout: Layout, palette: Palette) -> list[Text]:
    """The strip of the last minutes, names below it where they fit, and the axis."""
    if not layout.strip:
        return []
    slots = scene.timeline.slots(scene.now, layout.width)
    runs = [(name, list(run)) for name, run in itertools.groupby(slots, key=lambda slot: slot.name if slot else "")]
    columns: list[str] = []
    spans: list[Span] = []
    names = Text()
    for name, run in runs:
        letter = palette.letter(name)
        style = palette.style(name) if letter else palette.alarm if name not in _SIGNS else palette.faint
        spans.append(Span(len(columns), len(columns) + len(run), style))
        columns += [_column(slot, layout.strip, letter, palette.colour) for slot in run]
        shown = name if len(name) < len(run) and name != "no-speech" else letter or ""
        names.append(set_cell_size(shown, len(run)), style if letter else palette.faint)
    lines = [Text("".join(row), spans=spans) for row in zip(*columns, strict=True)]
    if layout.names:
        lines.append(names)
    if layout.axis:
        lines.append(_axis(scene.timeline.slot_s, layout.width, palette))
    return lines


_SIGNS = {"": " ", "uncertain": "░", "no-speech": "·"}
"""Signs of the states without an emotion; any other state has a cross."""


@lru_cache(4096)
def _column(slot: Slot | None, rows: int, letter: str | None, colour: bool) -> str:
    """The strip's characters for one slot, from the top. An emotion is as high as its confidence."""
    if slot is None:
        return " " * rows
    if letter is None:
        height = max(1, rows // 4) if slot.name == "uncertain" else 1
        return (_SIGNS.get(slot.name, "×") * height).rjust(rows)
    eighths = max(round(min(slot.strength, 1.0) * rows * 8), 4)
    if not colour:
        return (letter * max(round(eighths / 8), 1)).rjust(rows)
    return ("█" * (eighths // 8) + UPWARDS[eighths % 8])[:rows].strip()[::-1].rjust(rows)


def _axis(slot_s: float, columns: int, palette: Palette) -> Text:
    marks = [" "] * columns
    minute = round(60 / slot_s)
    for minutes in range((columns - 1) // minute, 0, -1):
        at = columns - 1 - minutes * minute
        mark = f"╵{minutes} min ago"
        marks[at : at + len(mark)] = mark
    marks[-4:] = " now"
    return Text("".join(marks[:columns]), palette.faint)


def small_meter(scene: Scene, palette: Palette) -> Text:
    """The meter in one row, for narrow screens."""
    heights = "".join(UPWARDS[min(max(round((1 - band / FLOOR_DB) * 8), 0), 8)] for band in scene.bands[:8])
    return Text.assemble((heights, palette.good), " " if heights else "", decibel(scene.level))


def decibel(level: float | None) -> str:
    return "– dBFS" if level is None else f"{level:.0f} dBFS"


def blank(rows: int) -> list[Text]:
    return [Text() for _ in range(rows)]


def pad(text: Text, columns: int) -> Text:
    text.pad_right(max(columns - text.cell_len, 0))
    return text


def spread(left: Text, right: Text, columns: int) -> Text:
    """One at the left, one at the right; the right one is left out where it would come too near."""
    room = columns - left.cell_len - right.cell_len
    return pad(left.copy(), left.cell_len + room).append_text(right) if right and room >= 2 else left
