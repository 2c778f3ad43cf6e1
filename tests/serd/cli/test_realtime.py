"""serd.cli.realtime: measured with the real networks."""

from __future__ import annotations

import itertools
from statistics import fmean

import pytest

import serd.cli.realtime
from serd.cli.realtime import RealTimeShare, carried, measure
from serd.defaults import MODEL
from serd.errors import ConfigError


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serd.cli.realtime, "MEASURE_S", 0.3)


def test_speech_costs_something_and_leaves_room():
    measured = measure(MODEL, 0.25)
    assert measured.stride_s == 0.25
    assert 0 < measured.share < 1


def test_the_best_that_is_light_enough_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serd.cli.realtime, "BEST_FIRST", ("serd-none", "serd-small", "serd-tiny"))
    first = carried("nosuch", 0.25, 100.0)
    assert first is not None
    assert first[0] == "serd-small"
    assert 0 < first[1].share < 100
    second = carried("serd-small", 0.25, 100.0)
    assert second is not None
    assert second[0] == "serd-tiny"
    assert carried("nosuch", 0.25, 0.0) is None


def test_a_model_that_is_not_there_cannot_be_measured():
    with pytest.raises(ConfigError, match="nosuch"):
        measure("nosuch", 0.25)


def test_the_share_is_the_mean_over_the_blocks_with_speech(monkeypatch: pytest.MonkeyPatch):
    costs = itertools.cycle([None, 0.5, None, None, 2.5, 1.5])
    taken: list[float | None] = []

    def cost(*_: object) -> float | None:
        taken.append(next(costs))
        return taken[-1]

    monkeypatch.setattr(serd.cli.realtime, "_cost", cost)
    share = measure(MODEL, 0.25).share
    assert share == pytest.approx(fmean(one for one in taken if one is not None))
    assert share == pytest.approx(1.5, rel=0.1)


def test_where_nobody_speaks_nothing_is_known(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serd.cli.realtime, "_cost", lambda _pipeline, _block: None)
    assert measure(MODEL, 0.5) == RealTimeShare(0.0, 0.5)
