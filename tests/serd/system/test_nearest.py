"""serd.system.nearest: what was probably meant by a name that is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serd.system.nearest import near_file, nearest

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("interveiw.wav", "interview.wav"),
        ("INTERVIEW.WAV", "interview.wav"),
        ("interview.mp3", "interview.flac"),
        ("intervie.flac", "interview.flac"),
        ("b.wav", None),
        ("somebody.wav", None),
    ],
)
def test_the_name_is_compared_before_its_suffix(tmp_path: Path, typed: str, meant: str | None) -> None:
    for name in ("interview.wav", "interview.flac", "a.wav"):
        (tmp_path / name).touch()
    told = near_file(tmp_path / typed, "look again")
    assert told == ("look again" if meant is None else f"did you mean `{tmp_path / meant}`?")


def test_what_is_there_has_no_other_name(tmp_path: Path) -> None:
    for name in ("clip1.wav", "clip2.wav"):
        (tmp_path / name).touch()
    assert near_file(tmp_path / "clip1.wav", "make it readable") == "make it readable"


def test_a_folder_on_the_way_may_be_what_was_misspelt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "monday").mkdir()
    (tmp_path / "monday" / "a.wav").touch()
    monkeypatch.chdir(tmp_path)
    assert near_file(Path("mondy/a.wav"), "") == "did you mean `monday/a.wav`?"
    assert near_file(Path("mondy/b.wav"), "") == "did you mean `monday`?"


@given(NAMES, NAMES)
def test_whatever_the_names_it_is_one_line(typed: str, there: str) -> None:
    assert nearest(typed, [there]) in (None, there)
    assert "\n" not in near_file(Path("/nowhere", typed), "look again")


def test_a_name_that_a_terminal_would_obey_is_escaped(tmp_path: Path) -> None:
    Path(os.fsdecode(bytes(tmp_path) + b"/re\x1bcord\nings.wav")).touch()
    told = near_file(tmp_path / "recordings.wav", "")
    assert "did you mean" in told
    assert "\x1b" not in told
    assert "\n" not in told
