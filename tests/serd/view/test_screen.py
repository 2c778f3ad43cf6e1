import io

from rich.console import Console
from rich.text import Text

from serd.view.picture import Picture
from serd.view.screen import Screen


class Pseudo(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(*pictures: tuple[list[str], bool]) -> list[str]:
    """What each picture made the screen write."""
    file = Pseudo()
    console = Console(file=file, width=10, height=3, force_terminal=True, color_system="256", legacy_windows=False)
    outputs = []
    with Screen(console) as screen:
        for lines, afresh in pictures:
            file.truncate(file.seek(0))
            screen.show(Picture([Text(line) for line in lines], margin=1), (10, 3), afresh)
            outputs.append(file.getvalue())
    return outputs


def test_the_first_picture_covers_the_whole_screen() -> None:
    (first,) = written((["ab", "cd"], False))
    assert first == "\x1b[1;1H ab       \x1b[2;1H cd       \x1b[3;1H          "


def test_of_the_next_only_what_changed_is_written() -> None:
    _, second, third = written((["ab", "cd"], False), (["ab", "ce"], False), (["ab", "ce"], False))
    assert second == "\x1b[2;1H ce       "
    assert third == ""


def test_a_line_that_is_gone_is_wiped_out() -> None:
    _, second = written((["ab", "cd"], False), (["ab"], False))
    assert second == "\x1b[2;1H          "


def test_afresh_all_of_it_is_written() -> None:
    first, second = written((["ab"], False), (["ab"], True))
    assert first == second


def test_the_screen_is_left_as_it_was_found_even_after_a_fault() -> None:
    file = Pseudo()
    console = Console(file=file, force_terminal=True, color_system="256", legacy_windows=False)
    try:
        with Screen(console):
            raise OSError
    except OSError:
        pass
    assert file.getvalue().startswith("\x1b[?1049h")
    assert file.getvalue().endswith("\x1b[?1049l\x1b[?25h")
