"""`script/soak`: minutes of its stream, and what it calls a fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.environments import ROOT, call
from tools.soak.limits import MOST_MB_A_DAY, faults
from tools.soak.loop import BLOCK_S, RATE, Loop, mixture

GOOD = {"threads, least and most": [4, 4], "handles, least and most": [20, 20], "events lost": 0, "exit code": 0}


def test_minutes_of_stream_lose_nothing(tmp_path: Path) -> None:
    done = call(ROOT / "script" / "soak", "--hours", "0.05", "--json", tmp_path / "figures.json", timeout=300)
    figures = json.loads((tmp_path / "figures.json").read_text())["stream"]
    assert figures["events lost"] == figures["segments never closed"] == 0
    assert figures["events"]["frame"] == pytest.approx(0.05 * 3600 * 4, abs=8), "four a second"
    assert done.stdout.splitlines()[-1] == "all as it should be", done.stdout + done.stderr
    assert done.returncode == 0


def test_sound_goes_round_without_a_seam() -> None:
    samples = mixture()
    assert len(samples) % round(BLOCK_S * RATE) == 0
    loop = Loop(samples, 1.0)
    blocks = [loop.read(1.0) for _ in range(len(samples) // round(BLOCK_S * RATE) + 1)]
    assert (blocks[0].samples == blocks[-1].samples).all()
    assert [block.start for block in blocks] == [k * round(BLOCK_S * RATE) for k in range(len(blocks))]


@pytest.mark.parametrize(
    "wrong",
    [
        {"events lost": 1},
        {"exit code": 1},
        {"threads, least and most": [4, 5]},
        {"memory, slope (MB per 24 h)": MOST_MB_A_DAY["stream"] + 0.1},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_what_is_not_as_it_should_be_is_told(wrong: dict[str, object]) -> None:
    assert faults({"stream": GOOD}) == []
    (line,) = faults({"stream": {**GOOD, **wrong}})
    assert line.startswith("stream: ")
