import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.view.glyphs import GLYPHS, SIZES, Size, draw, drawable


def test_every_glyph_differs_from_every_other() -> None:
    assert len(set(GLYPHS.values())) == len(GLYPHS) == 39


def test_every_glyph_is_five_by_seven_dots() -> None:
    assert all(len(glyph) == 7 and all(len(row) == 5 for row in glyph) for glyph in GLYPHS.values())


def test_a_small_letter_is_drawn_in_half_blocks() -> None:
    assert draw("h", Size(1, 1)) == ["█   █", "█▄▄▄█", "█   █", "▀   ▀"]


def test_a_large_letter_has_the_same_dots() -> None:
    assert draw("L", Size(2, 2))[:1] + draw("L", Size(2, 2))[-1:] == ["██        ", "██████████"]


@pytest.mark.parametrize("size", SIZES)
@given(st.text(sorted(GLYPHS), min_size=1, max_size=12))
def test_a_word_is_as_large_as_it_was_said_to_be(size: Size, text: str) -> None:
    assert [len(row) for row in draw(text, size)] == [size.columns(text)] * size.rows


def test_what_has_no_glyph_is_known_beforehand() -> None:
    assert drawable("no speech 100%")
    assert not drawable("fröhlich")
