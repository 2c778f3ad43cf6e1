"""Recordings that cannot be used are named, the telling ones first."""

from __future__ import annotations

from model_build.corpora import Fault
from model_build.corpora.corpus import NAMED, warn


def test_faults_of_files_are_named_before_missing_ones() -> None:
    lines: list[str] = []
    missing = [Fault(f"{number}", "missing", "missing; fetch it anew") for number in range(NAMED)]
    warn([*missing, Fault("a.wav", "unreadable", "no sound")], lines.append)
    assert lines[0] == "warning: a.wav: no sound"
    assert lines[-1] == "warning: 1 more faults; `python -m model_build corpora` names them all"
    assert len(lines) == NAMED + 1
