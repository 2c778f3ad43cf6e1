"""The stack: the views of several serds, or of the voices of one, in one picture, one above the other."""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text

from serd.view.picture import Picture
from serd.view.view import View

MOST = 256
"""Views of one endpoint."""
LEAST = 4
"""Rows of a view at least: its title, the word, its detail and the facts."""


class Stack:
    """Views in the order in which their endpoints were given; one alone has the whole screen.

    Each source that is heard at one endpoint gets a view of its own.
    """

    def __init__(self, views: Iterable[View]) -> None:
        """`views`: one or more, of an endpoint each."""
        self.views = list(views)

    def view_of(self, endpoint: str, source: str | None, at: float) -> View:
        """The view that shows a source of an endpoint, where there is room for a new one (`MOST`)."""
        lanes = [view for view in self.views if view.endpoint == endpoint]
        shown = [view for view in lanes if view.shows(source, at)]
        if shown or len(lanes) >= MOST:
            return min(shown, key=lambda view: view.source != source, default=lanes[-1])
        last = lanes[-1]
        added = View(endpoint, last.hint)
        last.hint = ""
        self.views.insert(self.views.index(last) + 1, added)
        return added

    @property
    def latest(self) -> float:
        """When the last event of any came."""
        return max(view.latest for view in self.views)

    def render(self, width: int, height: int, now: float, colour: bool = True) -> Picture:
        """The picture at the time `now`, at most `width` columns by `height` rows.

        A last line counts the views for which there is no room.
        """
        if len(self.views) == 1:
            return self.views[0].render(width, height, now, colour)
        fit = len(self.views) if height >= LEAST * len(self.views) else max((height - 1) // LEAST, 1)
        hidden = len(self.views) - fit
        share, lines, margin = (height - bool(hidden)) // fit, list[Text](), 0
        for view in self.views[:fit]:
            picture = view.render(width, share - (share > LEAST), now, colour)  # a blank row between, if there is room
            lines += [*picture.lines, *[Text()] * (share - len(picture.lines))]
            margin = picture.margin
        if hidden:
            lines.append(Text(f"{hidden} more; a taller terminal shows them"))
            lines[-1].truncate(max(width - margin, 0))
        return Picture(lines[: max(height, 0)], margin)
