from rich.text import Text

from serd.view.charts import bars, history, meter
from serd.view.layout import lay_out
from serd.view.palette import Palette
from serd.view.scene import Scene
from serd.view.view import View
from tests.support.envelopes import LABELS, START, frame, status

PALETTE = Palette(LABELS, colour=True)
SMALL = lay_out(80, 24, LABELS)


def scene(clipping: float = 0.0, **data: object) -> Scene:
    bands = [0.0, -15.0, -30.0, -45.0, -60.0, -75.0, -90.0, -99.0]
    quality = {"level": -20.4, "bands": bands, "clipping": clipping, "overflows": 0}
    view = View("")
    view.take(status(0))
    view.take(frame(1, quality=quality, **data))
    return view.scene(START + 1)


def lines(drawn: list[Text]) -> list[str]:
    return [line.plain for line in drawn]


def test_the_meter_has_a_row_for_every_fifteen_decibels_of_six() -> None:
    level, *rows, foot = lines(meter(scene(), SMALL, PALETTE))
    assert level.split() == ["input", "-20", "dBFS"]
    assert [row.count("██") for row in rows] == [1, 2, 3, 4, 5, 6]
    assert foot == "low                high"


def test_the_meter_warns_of_loud_and_clipped_input() -> None:
    drawn = meter(scene(clipping=0.02), SMALL, PALETTE)
    assert "clipped" in drawn[0].plain
    assert drawn[1].style == PALETTE.alarm
    assert drawn[-2].style == PALETTE.good


def test_bars_end_at_their_probability_to_an_eighth_of_a_column() -> None:
    one, *_ = lines(bars(scene(probabilities={"neutral": (10 + 3 / 8) / SMALL.bar}), SMALL, PALETTE))
    assert one.startswith("neutral   " + "█" * 10 + "▍·")


def test_probabilities_beyond_all_bounds_stay_within_the_bar() -> None:
    drawn = lines(bars(scene(probabilities={"neutral": 17.0, "calm": -3.0}), SMALL, PALETTE))
    assert drawn[0].count("█") == SMALL.bar
    assert drawn[1].count("·") == SMALL.bar


def test_an_emotion_in_the_strip_is_as_high_as_its_confidence() -> None:
    view = View("")
    view.take(status(0))
    for at, confidence in ((0, 1.0), (3, 0.5), (6, 0.25)):
        view.take(frame(at, state="emotion", label="sad", confidence=confidence))
    strip = lines(history(view.scene(START + 6), SMALL, PALETTE))
    assert [row[-3:] for row in strip[:2]] == ["█  ", "██▄"]
