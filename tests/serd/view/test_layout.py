from hypothesis import given
from hypothesis import strategies as st

from serd.view.glyphs import Size
from serd.view.layout import lay_out
from tests.support.envelopes import LABELS


def test_an_old_terminal_has_everything() -> None:
    layout = lay_out(80, 24, LABELS)
    assert (layout.size, layout.bars, layout.strip, layout.axis, layout.names, layout.facts) == (
        Size(1, 1),
        8,
        2,
        1,
        1,
        2,
    )
    assert layout.band == 2


def test_a_wall_has_larger_letters_and_thicker_bars() -> None:
    layout = lay_out(200, 60, LABELS)
    assert layout.size == Size(3, 4)
    assert (layout.bar_height, layout.bar_gap) == (2, 1)
    assert layout.strip >= 10


def test_a_corner_of_the_screen_keeps_the_word_some_bars_and_the_timeline() -> None:
    layout = lay_out(40, 10, LABELS)
    assert layout.size is None
    assert layout.band == 0
    assert layout.bars >= 3
    assert layout.strip == layout.axis == layout.facts == 1


@given(st.integers(1, 400), st.integers(2, 150), st.integers(0, 64))
def test_the_parts_fit_together(width: int, height: int, labels: int) -> None:
    layout = lay_out(width, height, tuple(f"label {k}" for k in range(labels)))
    blanks = layout.above_word + layout.below_word + layout.above_bars + layout.above_strip + layout.above_facts
    parts = layout.word + layout.panel + layout.strip + layout.names + layout.axis + layout.facts + blanks
    assert parts + 2 <= max(height, 3)
    assert layout.bar >= 0
