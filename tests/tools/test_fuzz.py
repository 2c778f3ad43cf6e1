"""A bounded part of script/fuzz: every parser that reads what strangers send, some thousand inputs each."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tools.fuzz.inputs import FuzzFailure, Target, run
from tools.fuzz.targets import targets as all_targets

INPUTS = 2000
NAMES = ["configuration", "model file", "model contract", "control request", "control answer", "event", "audio file",
         "audio header", "pipe", "key", "endpoint", "journal import"]  # fmt: skip


@pytest.fixture(scope="module")
def targets() -> Iterator[dict[str, Target]]:
    logging.disable()
    with all_targets() as made:
        yield {target.name: target for target in made}
    logging.disable(logging.NOTSET)


def test_no_target_is_left_out(targets: dict[str, Target]):
    assert list(targets) == NAMES
    assert sum(target.share for target in targets.values()) == pytest.approx(1)


@pytest.mark.parametrize("name", NAMES)
def test_any_input_is_a_value_or_one_line(targets: dict[str, Target], name: str):
    became = run(targets[name], INPUTS, start=5)
    assert became.total() == INPUTS
    wrong = (
        became["refused"] if name != "audio header" else len(became) > 1
    )  # it tells what is there, and refuses nothing
    assert wrong, "inputs that are not near enough to be wrong show nothing"
    assert became.total() > became["refused"] + became["not JSON"], "nor do inputs that are all refused at once"


def test_a_parser_that_lets_a_fault_through_is_found():
    """The fuzzer itself: it notices an exception that is no refusal."""

    def careless(data: bytes) -> str:
        return str(int(data[:3]))

    with pytest.raises(FuzzFailure, match="careless"):
        run(Target("careless", [b"123"], careless, 1), 500, 1)
