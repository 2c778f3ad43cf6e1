"""`script/release`: what is released is built, checked, and works where nothing else of serd is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.environments import ROOT, call
from tools import release


@pytest.mark.long
def test_a_wheel_and_a_source_distribution_are_built_and_work(tmp_path: Path) -> None:
    done = call(ROOT / "script" / "release", "--out", tmp_path / "dist", timeout=1800)
    assert done.returncode == 0, done.stderr
    assert sorted(path.suffix for path in (tmp_path / "dist").iterdir()) == [".gz", ".whl"]
    assert done.stdout.count("works on") >= 2


def test_what_is_there_already_is_not_mixed_with_what_is_built(tmp_path: Path) -> None:
    (tmp_path / "serd-0.0.0.tar.gz").touch()
    done = call(ROOT / "script" / "release", "--out", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"release: {tmp_path}: is not empty")


def test_a_command_that_fails_or_says_nothing_ends_it(tmp_path: Path) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    for text, words in (("exit 3", "exit 3"), ("true", "printed nothing")):
        (programs / "serd").write_text(f"#!/bin/sh\n{text}\n")
        (programs / "serd").chmod(0o755)
        folder = tmp_path / text
        folder.mkdir()
        with pytest.raises(SystemExit, match=words):
            release.attempt(programs, folder)
