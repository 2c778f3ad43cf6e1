"""A fleet through one nats bridge into one server: four frames a second from every room, with two outages.

`pytest -m long` takes ten minutes of 300 rooms; what is not marked takes half a minute of 40.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bridges.fleet import load


def test_a_small_fleet_over_two_outages(tmp_path: Path) -> None:
    figures = load(tmp_path, 40, 20, 2)
    assert (figures.lost, figures.twice) == (0, 0)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_three_hundred_rooms_for_ten_minutes_over_two_outages(tmp_path: Path) -> None:
    figures = load(tmp_path, 300, 600, 10)
    assert (figures.lost, figures.twice) == (0, 0)
