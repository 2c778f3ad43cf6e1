"""Work spread over processes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from model_build.evaluation.spread import spread
from model_build.files.audio import SoundFault
from serd.errors import UsageError


def add(one: int, other: int) -> int:
    return one + other


def unreadable(number: int) -> int:
    raise SoundFault(Path(f"{number}.wav"), "truncated", "truncated; fetch it anew")


def test_results_come_in_order_whatever_the_processes() -> None:
    for jobs in (1, 2):
        assert list(spread(partial(add, 2), range(5), jobs)) == [2, 3, 4, 5, 6]


def test_a_recording_that_cannot_be_read_is_named() -> None:
    for jobs in (1, 2):
        with pytest.raises(UsageError, match=r"^7\.wav: truncated; fetch it anew$"):
            list(spread(unreadable, [7, 8], jobs))
