"""`script/bench-bridges`: what a bridge sends is counted at its other side, and its help is there."""

from __future__ import annotations

import pytest

from serd.bridges.plugins import installed
from tests.support.environments import ROOT, call
from tools.bridges.__main__ import measure
from tools.bridges.peers import PEERS


def test_no_bridge_is_left_out() -> None:
    assert set(PEERS) == set(installed())


@pytest.mark.parametrize("name", ["mqtt", "web", "nats", "osc"])
def test_its_memory_and_its_bytes_are_seen(name: str) -> None:
    found = measure(name, 1.0, 2)
    assert 10 < found["memory (MB)"] < 200
    assert found["bytes/s"] > 0


def test_its_help_is_there_from_anywhere() -> None:
    done = call(ROOT / "script" / "bench-bridges", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "peak memory" in done.stdout
