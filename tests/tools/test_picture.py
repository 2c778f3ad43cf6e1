"""`script/make-picture`: the live view of a recording, drawn by a real serd."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from tests.support.environments import ROOT, call


def test_the_view_of_the_demonstration_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "view.svg"
    demo = ROOT / "serd" / "data" / "demo.opus"
    done = call(ROOT / "script" / "make-picture", demo, "--at", "12", "--out", out, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert ElementTree.parse(out).getroot().tag.endswith("svg")
    event = json.loads(done.stdout)
    assert event is None or event["data"]["state"] == "emotion"
