import pytest
from rich.style import Style

from serd.view.palette import COLOURS, Palette


def luminance(style: Style) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    assert style.color is not None
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in style.color.get_truecolor()]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", [*COLOURS, "alarm", "quiet"])
def test_every_colour_reads_on_black_and_on_white(name: str) -> None:
    y = luminance(Palette(COLOURS, colour=True).style(name))
    assert (y + 0.05) / 0.05 >= 3
    assert 1.05 / (y + 0.05) >= 3


def test_no_style_has_a_background() -> None:
    palette = Palette(COLOURS, colour=True)
    styles = [*map(palette.style, COLOURS), palette.faint, palette.good, palette.warm, palette.alarm, palette.plain]
    assert all(style.bgcolor is None for style in styles)


def test_labels_differ_in_colour_and_in_letter() -> None:
    palette = Palette(COLOURS, colour=True)
    assert len({palette.style(name).color for name in COLOURS}) == 8
    assert [palette.letter(name) for name in COLOURS] == ["N", "C", "H", "S", "A", "F", "D", "U"]


def test_labels_of_another_model_take_the_colours_that_are_free() -> None:
    labels = ("anger", "happy", "joy", "boredom")
    palette = Palette(labels, colour=True)
    assert len({palette.style(name).color for name in labels}) == 4
    assert palette.style("happy") == Palette(COLOURS, colour=True).style("happy")


def test_more_labels_than_colours_still_have_one_each() -> None:
    labels = [f"label {k}" for k in range(64)]
    palette = Palette(labels, colour=True)
    assert all(palette.style(name).color is not None and palette.letter(name) for name in labels)


def test_without_colour_there_is_none() -> None:
    palette = Palette(COLOURS, colour=False)
    styles = [*map(palette.style, [*COLOURS, "alarm", "quiet"]), palette.faint, palette.good, palette.warm]
    assert all(style.color is None for style in styles)
