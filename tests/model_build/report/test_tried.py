"""What is told of a missed target."""

from __future__ import annotations

import pytest

from model_build.evaluation.targets import UAR_LOST
from model_build.report.tried import tried


def test_each_thing_tried_is_told_once_with_all_that_it_was_tried_for() -> None:
    (delay, groups) = tried(["UAR, women minus men", "streaming: uncertain", "streaming: delay"])
    assert delay.startswith("- **streaming: uncertain; streaming: delay**: all rules")
    assert groups.startswith("- **UAR, women minus men**: ")


def test_what_is_met_or_was_not_tried_for_is_not_told() -> None:
    assert tried([]) == []
    assert tried(["a measure of tomorrow"]) == []


@pytest.mark.parametrize("condition", UAR_LOST)
def test_conditions_have_a_text(condition: str) -> None:
    assert bool(tried([f"UAR lost, {condition}"])) == (condition != "room")
