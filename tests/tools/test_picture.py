"""`script/make-picture`: the live view of a recording, the web page, the journal's report, by real parts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.support.browser import missing
from tests.support.environments import ROOT, call

MOST_BYTES = 150_000


def test_the_view_of_the_demonstration_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "view.svg"
    demo = ROOT / "serd" / "data" / "demo.opus"
    done = call(ROOT / "script" / "make-picture", demo, "--at", "12", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert ElementTree.parse(out).getroot().tag.endswith("svg")
    event = json.loads(done.stdout)
    assert event is None or event["data"]["state"] == "emotion"


def test_the_web_page_is_drawn_in_the_dark_and_in_the_light(tmp_path: Path) -> None:
    if missing():
        pytest.skip(missing())
    out = tmp_path / "page.webp"
    done = call(ROOT / "script" / "make-picture", "--web", "--at", "3", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    dark, light = (brightness(file) for file in (out, out.with_name("page-light.webp")))
    assert dark < 80
    assert light > 180


def test_a_page_of_the_report_is_drawn(tmp_path: Path) -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("no pdftoppm here; script/test installs it")
    out = tmp_path / "report.webp"
    done = call(ROOT / "script" / "make-picture", "--report", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert brightness(out) > 180


@pytest.mark.parametrize("name", ["web-page", "web-page-light", "journal-report"])
def test_pictures_of_the_pages_are_small(name: str) -> None:
    assert (ROOT / "docs" / f"{name}.webp").stat().st_size < MOST_BYTES


def brightness(file: Path) -> float:
    """Mean over all points, of 255."""
    with Image.open(file) as picture:
        grey = picture.convert("L")
        return sum(value * count for value, count in enumerate(grey.histogram())) / (grey.width * grey.height)
