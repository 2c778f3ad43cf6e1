"""`script/bench`: it writes what the page is made of, its stages add up, it prints a board's row, its help is there."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.environments import ROOT, call
from tests.support.memory import peak_mb
from tools.bench import page, peers, pi, plots
from tools.bench.plan import QUICK
from tools.bench.route import Route, Spread, blocks
from tools.bench.stages import LIMIT, RATIO, WHOLE, read, stages
from tools.bench.windows import reference
from tools.checkout import VOICES

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `script/bench --quick` wrote."""
    path = tmp_path_factory.mktemp("bench") / "bench.json"
    done = call(ROOT / "script" / "bench", "--quick", "--json", path, timeout=800)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_it_writes_every_figure(figures: dict[str, Any]) -> None:
    nested = {name: figures[name] for name in ("machine", "spread", "peers", "growth")}
    flat = {name: value for name, value in figures.items() if name not in nested}
    assert all(value is None or math.isfinite(value) for value in flat.values())
    kept = json.loads((ROOT / "docs" / "bench.json").read_text())
    elsewhere = ("capture", "serd: ", "one window", "latency p99.9", "emotion network")
    """What needs PulseAudio, an environment, a longer run, or counts windows of other sound."""
    assert {name for name in kept if not name.startswith(elsewhere)} <= figures.keys()
    for model in peers.MODELS:
        low, high = nested["spread"][f"block to sent event, {model}"]
        assert 0 < low <= flat[f"block to sent event, {model}"] <= high
        assert flat[f"streams a core, {model}"] == pytest.approx(1000 / flat[f"block to sent event, {model}"])
        assert flat[f"times real time in batch, a core, {model}"] > 0
    assert flat["installed, serd alone (MB)"] > flat["wheel (MB)"] > 1
    assert nested["peers"].keys() == {*peers.OURS, *peers.OTHERS}
    assert {name for name, one in nested["peers"].items() if one is None} <= peers.OTHERS.keys()
    assert nested["machine"]["name"]
    assert nested["machine"]["cores"] >= 1
    grown = nested["growth"]
    assert tuple(row["voices"] for row in grown["voices"]) == QUICK.voices
    assert tuple(row["stride"] for row in grown["stride"]) == QUICK.strides * 2
    assert tuple(row["seconds"] for row in grown["length"]) == QUICK.lengths
    assert tuple(row["subscribers"] for row in grown["subscribers"]) == QUICK.subscribers
    assert all(row["cpu"] > 0 for rows in ("voices", "stride", "subscribers") for row in grown[rows])


def test_the_page_is_made_of_what_it_wrote(figures: dict[str, Any], tmp_path: Path) -> None:
    table = page.cost(figures)
    assert figures["machine"]["name"] in table
    assert f"| wheel (MB) | {figures['wheel (MB)']:.2f} |" in table
    cost = figures["peers"]["serd, serd-base"]["cpu"][1]
    assert f"| serd, serd-base | {cost:.2f} |" in page.peers(figures)
    assert f"| {QUICK.voices[-1]} | {figures['growth']['voices'][-1]['cpu']:.2f} |" in page.growth(figures)
    pytest.importorskip("matplotlib", reason="draws the pictures")
    assert plots.stale(figures, tmp_path) == ["beside", "growth"]
    plots.draw(figures, tmp_path)
    assert plots.stale(figures, tmp_path) == []
    drawn = (tmp_path / "beside.svg").read_text()
    assert all(name in drawn for name, one in figures["peers"].items() if one)
    figures["growth"]["voices"][0]["cpu"] += 1
    assert plots.stale(figures, tmp_path) == ["beside", "growth"]


def test_what_is_not_installed_is_said(figures: dict[str, Any]) -> None:
    bare = {**figures, "peers": {**figures["peers"], peers.USUAL: None}}
    assert f"| {peers.USUAL} | not available here |" in page.peers(bare)


def test_it_prints_the_row_of_a_board() -> None:
    done = call(ROOT / "script" / "bench", "--pi", "--runs", "1", "--seconds", "4", timeout=800)
    assert done.returncode == 0, done.stderr
    *head, row = done.stdout.splitlines()
    assert tuple(head) == pi.HEAD
    assert row.count("|") == head[0].count("|")
    assert "" not in [cell.strip() for cell in row.strip("|").split("|")]
    assert page.boards({}).startswith("\n".join(head))


def test_the_stages_cost_less_than_the_whole_and_none_is_free() -> None:
    samples = read(VOICES)
    assert len(samples) / 16000 > 50
    costs = stages(samples[: 16000 * 8], "serd-tiny", 1)
    whole, limit, ratio = (costs.pop(name) for name in (WHOLE, LIMIT, RATIO))
    assert isinstance(whole, Spread)
    assert isinstance(limit, Spread)
    assert isinstance(ratio, Spread)
    assert ratio.median == pytest.approx(whole.median / limit.median)
    assert limit.low > 0
    assert all(isinstance(cost, float) and cost >= 0 for cost in costs.values())
    assert {"  STFT", "  input quality", "  speech detector"} <= costs.keys()


def test_two_strides_hold_a_first_answer_of_every_model_and_one_does_not() -> None:
    samples = read(VOICES)
    for model in peers.MODELS:
        judged = [
            sum(len(list(pipeline.push(block))) for block in blocks(samples[: strides * peers.STRIDE]))
            for strides, pipeline in ((1, Route(model).pipeline()), (2, Route(model).pipeline()))
        ]
        assert judged == [0, 1]


def test_a_running_reference_costs_no_more_than_the_network_of_serd_small() -> None:
    figures = reference("serd-base")
    assert 0 < figures["ratio, the running reference over serd-small's network"] <= 1
    assert reference("serd-small") == {}


def test_its_help_is_there_from_anywhere() -> None:
    done = call(ROOT / "script" / "bench", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "CPU milliseconds" in done.stdout


def test_the_peak_of_a_process_is_not_that_of_who_started_it():
    held = b"x" * 200_000_000
    script = "from tests.support.memory import peak_mb; print(peak_mb())"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert float(ran.stdout) < 50
    assert peak_mb() > 190
    assert len(held) == 200_000_000
