"""serd.view.stack: the views of several serds share the screen's rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from serd.view.stack import LEAST, Stack
from serd.view.view import View
from tests.support.envelopes import emotion, status


def stack(count: int) -> Stack:
    views = [View(f"tcp://room{k}:5556", "q quits" if k + 1 == count else "") for k in range(count)]
    for view in views:
        view.take(status(0), 0.0)
        view.take(emotion(0), 1.0)
    return Stack(views)


def test_one_view_is_as_it_would_be_alone() -> None:
    one = stack(1)
    assert one.render(80, 24, 1.0).lines == one.views[0].render(80, 24, 1.0).lines


@given(st.integers(1, 9), st.integers(0, 140), st.integers(0, 60), st.booleans())
def test_no_picture_is_larger_than_the_screen(count: int, width: int, height: int, colour: bool) -> None:
    picture = stack(count).render(width, height, 1.0, colour)
    assert len(picture.lines) <= height
    assert all(cell_len(line.plain) + picture.margin <= max(width, 2) for line in picture.lines)


@given(st.integers(2, 9), st.integers(LEAST + 1, 60))
def test_who_is_not_shown_is_counted(count: int, height: int) -> None:
    text = "\n".join(line.plain for line in stack(count).render(100, height, 1.0).lines)
    shown = sum(f"tcp://room{k}:5556" in text for k in range(count))
    hidden = f"{count - shown} more; a taller terminal shows them"
    assert (hidden in text) == (shown < count)
    assert shown >= min(count, (height - 1) // LEAST)
