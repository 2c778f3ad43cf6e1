"""What is said of recordings that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from model_build.corpora import Fault

NAMED = 10
"""Faults that are named one by one."""


def warn(faults: Sequence[Fault], say: Callable[[str], None]) -> None:
    """Name the first of them, those of files that are there before those of missing ones."""
    for fault in sorted(faults, key=lambda own: own.kind == "missing")[:NAMED]:
        say(f"warning: {fault}")
    if len(faults) > NAMED:
        say(f"warning: {len(faults) - NAMED} more faults; `python -m model_build corpora` names them all")
