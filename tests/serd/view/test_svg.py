from pathlib import Path
from xml.etree import ElementTree

from serd.view.svg import export_svg
from serd.view.view import View
from tests.support.envelopes import emotion, status


def view(*events):
    view = View("tcp://127.0.0.1:5556")
    for event in events:
        view.take(event)
    return view


def test_the_same_events_give_the_same_picture_file(tmp_path: Path) -> None:
    for name in ("a.svg", "b.svg"):
        export_svg(view(status(0), emotion(1)), tmp_path / name, 80, 24)
    drawing = (tmp_path / "a.svg").read_text("utf-8")
    assert drawing == (tmp_path / "b.svg").read_text("utf-8")
    assert "http" not in drawing.replace("http://www.w3.org/2000/svg", "").replace("https://www.textualize.io", "")
    shown = "".join(ElementTree.fromstring(drawing).itertext()).replace("\xa0", " ")
    assert "USB microphone" in shown


def test_a_light_and_a_dark_picture_differ_in_their_ground_only(tmp_path: Path) -> None:
    for dark in (True, False):
        export_svg(view(status(0), emotion(1)), tmp_path / f"{dark}.svg", 80, 24, dark)
    texts = [list(ElementTree.parse(tmp_path / f"{dark}.svg").getroot().itertext())[1:] for dark in (True, False)]
    assert texts[0][-100:] == texts[1][-100:]
    assert (tmp_path / "True.svg").read_text("utf-8") != (tmp_path / "False.svg").read_text("utf-8")
