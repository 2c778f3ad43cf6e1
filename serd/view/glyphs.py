"""Letters that can be read across a room: five by seven dots, drawn in half blocks at any size."""

from __future__ import annotations

from dataclasses import dataclass

HEIGHT = 7
WIDTH = 5
GAP = 1
"""Dots between two letters."""

_SHEETS = (
    (
        "ABCDEFGHIJKLM",
        """
.###. ####. .#### ####. ##### ##### .###. #...# .###. ..### #...# #.... #...#
#...# #...# #.... #...# #.... #.... #...# #...# ..#.. ...#. #..#. #.... ##.##
#...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#. #.#.. #.... #.#.#
##### ####. #.... #...# ####. ####. #.### ##### ..#.. ...#. ##... #.... #.#.#
#...# #...# #.... #...# #.... #.... #...# #...# ..#.. ...#. #.#.. #.... #...#
#...# #...# #.... #...# #.... #.... #...# #...# ..#.. #..#. #..#. #.... #...#
#...# ####. .#### ####. ##### #.... .###. #...# .###. .##.. #...# ##### #...#
""",
    ),
    (
        "NOPQRSTUVWXYZ",
        """
#...# .###. ####. .###. ####. .#### ##### #...# #...# #...# #...# #...# #####
##..# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# #...# #...# ....#
##..# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# .#.#. .#.#. ...#.
#.#.# #...# ####. #...# ####. .###. ..#.. #...# #...# #.#.# ..#.. ..#.. ..#..
#..## #...# #.... #.#.# #.#.. ....# ..#.. #...# #...# #.#.# .#.#. ..#.. .#...
#..## #...# #.... #..#. #..#. ....# ..#.. #...# .#.#. ##.## #...# ..#.. #....
#...# .###. #.... .##.# #...# ####. ..#.. .###. ..#.. #...# #...# ..#.. #####
""",
    ),
    (
        "0123456789%- ",
        """
.###. ..#.. .###. ##### ...#. ##### .###. ##### .###. .###. ##..# ..... .....
#...# .##.. #...# ....# ..##. #.... #.... ....# #...# #...# ##..# ..... .....
#..## ..#.. ....# ...#. .#.#. ####. #.... ...#. #...# #...# ...#. ..... .....
#.#.# ..#.. ...#. ..##. #..#. ....# ####. ..#.. .###. .#### ..#.. .###. .....
##..# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....# .#... ..... .....
#...# ..#.. .#... #...# ...#. #...# #...# ..#.. #...# ....# #..## ..... .....
.###. .###. ##### .###. ...#. .###. .###. ..#.. .###. .###. #..## ..... .....
""",
    ),
)


def _cut() -> dict[str, tuple[str, ...]]:
    glyphs = {}
    for names, sheet in _SHEETS:
        lines = [line.split() for line in sheet.strip().splitlines()]
        glyphs.update({name: tuple(line[k] for line in lines) for k, name in enumerate(names)})
    return glyphs


GLYPHS = _cut()


@dataclass(frozen=True, slots=True)
class Size:
    """How large a dot is."""

    across: int
    """Columns of the terminal a dot is wide."""
    down: int
    """Half rows of the terminal a dot is high."""

    @property
    def rows(self) -> int:
        """Rows of the terminal a word is high."""
        return -(-HEIGHT * self.down // 2)

    def columns(self, text: str) -> int:
        """Columns of the terminal a text is wide."""
        return max(len(text) * (WIDTH + GAP) - GAP, 0) * self.across


SIZES = (Size(3, 4), Size(2, 3), Size(2, 2), Size(1, 1))
"""Largest first."""


def drawable(text: str) -> bool:
    """Whether there is a glyph for each character."""
    return all(character in GLYPHS for character in text.upper())


def draw(text: str, size: Size) -> list[str]:
    """`size.rows` lines of `size.columns(text)` columns each. `text` must be drawable."""
    glyphs = [GLYPHS[character] for character in text.upper()]
    dots = [("." * GAP).join(glyph[row] for glyph in glyphs) for row in range(HEIGHT)]
    halves = ["".join(dot * size.across for dot in line) for line in dots for _ in range(size.down)]
    halves += ["." * len(halves[0])] * (len(halves) % 2)
    cells = {"##": "█", "#.": "▀", ".#": "▄", "..": " "}
    return [
        "".join(cells[upper + lower] for upper, lower in zip(*pair, strict=True))
        for pair in zip(halves[::2], halves[1::2], strict=True)
    ]
