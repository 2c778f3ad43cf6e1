"""The palette: a colour and a letter for each label, and the few other styles of the picture.

All colours are of the fixed part of the 256-colour table and of middling lightness, so that each has a
contrast of at least 3:1 on a black and on a white ground (WCAG 2.1, 1.4.11). None is a background.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.style import Style

COLOURS = {
    "neutral": 102,  # grey
    "calm": 30,  # teal
    "happy": 136,  # gold
    "sad": 27,  # blue
    "angry": 160,  # red
    "fearful": 98,  # violet
    "disgust": 64,  # olive
    "surprised": 163,  # magenta
}
"""Colours of the labels we know. Any other label takes the next colour that is free."""

_FAINT, _GOOD, _WARM, _ALARM = 243, 28, 130, 160
BOLD = Style(bold=True)
_PLAIN = Style()
_COLOURED = {number: Style(color=f"color({number})") for number in {*COLOURS.values(), _FAINT, _GOOD, _WARM, _ALARM}}


class Palette:
    """Styles for one set of labels. Without `colour` there is none in them, and letters tell the labels apart."""

    def __init__(self, labels: Iterable[str], colour: bool) -> None:
        self.colour = colour
        self.plain = _PLAIN
        self.faint = _COLOURED[_FAINT] if colour else Style(dim=True)
        self.good = _COLOURED[_GOOD] if colour else _PLAIN
        self.warm = _COLOURED[_WARM] if colour else _PLAIN
        self.alarm = _COLOURED[_ALARM] if colour else Style(bold=True)
        self._styles: dict[str, Style] = {}
        self._letters: dict[str, str] = {}
        labels = tuple(labels)
        free = [number for name, number in COLOURS.items() if name not in labels] or list(COLOURS.values())
        strangers = 0
        for name in labels:
            number = COLOURS.get(name, free[strangers % len(free)])
            strangers += name not in COLOURS
            self._styles[name] = _COLOURED[number] if colour else _PLAIN
            taken = self._letters.values()
            self._letters[name] = next((c for c in name.upper() if c.isalnum() and c not in taken), "?")

    def style(self, name: str) -> Style:
        """Style of a label, or of one of the tones `alarm`, `quiet` and `plain`."""
        if name in self._styles:
            return self._styles[name]
        return {"alarm": self.alarm, "quiet": self.faint}.get(name, self.plain)

    def letter(self, name: str) -> str | None:
        """That stands for a label, by its place in its name; None if it is no label."""
        return self._letters.get(name)
