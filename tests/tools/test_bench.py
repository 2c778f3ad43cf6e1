"""`script/bench`: its stages add up, and its help says what it measures."""

from __future__ import annotations

from tests.support.environments import ROOT, call
from tools.bench.stages import read, stages
from tools.bench.windows import reference
from tools.checkout import VOICES


def test_the_stages_cost_less_than_the_whole_and_none_is_free() -> None:
    samples = read(VOICES)
    assert len(samples) / 16000 > 50
    costs = stages(samples[: 16000 * 8], "serd-tiny", 1)
    whole = costs.pop("block to sent event")
    assert whole > 0
    assert all(cost >= 0 for cost in costs.values())
    assert {"  STFT", "  input quality", "  speech detector", "bare invokes and rfft"} <= costs.keys()


def test_a_running_reference_costs_no_more_than_the_network_of_serd_small() -> None:
    figures = reference("serd-base")
    assert 0 < figures["ratio, the running reference over serd-small's network"] <= 1
    assert reference("serd-small") == {}


def test_its_help_is_there_from_anywhere() -> None:
    done = call(ROOT / "script" / "bench", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "CPU milliseconds" in done.stdout
