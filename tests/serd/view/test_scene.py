import pytest

from serd.view.scene import percent, span


def test_a_share_is_given_in_percent() -> None:
    assert [percent(0.874), percent(0.0312, 1), percent(None)] == ["87 %", "3.1 %", "–"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (7.2, "7 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_a_length_of_time_is_given_in_a_sensible_unit(seconds: float, text: str) -> None:
    assert span(seconds) == text
