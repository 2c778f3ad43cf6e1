"""serd.view.legend: fits any screen, and explains the signs that the picture is made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from serd.view import charts
from serd.view.legend import SIGNS, paint_legend


@given(st.integers(1, 200), st.integers(0, 60), st.booleans())
def test_it_is_no_larger_than_the_screen(width: int, height: int, colour: bool) -> None:
    picture = paint_legend(width, height, colour, "q quits")
    assert len(picture.lines) <= height
    assert all(line.cell_len + picture.margin <= width for line in picture.lines)


def test_it_fits_on_a_usual_terminal_wholly() -> None:
    shown = " ".join(line.plain for line in paint_legend(100, 30, True, "q quits").lines)
    for sign, meaning in SIGNS:
        assert sign in shown
        assert " ".join(meaning.split()[-2:]) in " ".join(shown.split())
    assert "q quits" in shown


def test_every_sign_of_the_strip_is_explained() -> None:
    explained = " ".join(sign for sign, _ in SIGNS)
    assert all(sign in explained for sign in charts._SIGNS.values())
