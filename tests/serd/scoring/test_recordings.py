"""serd.scoring.recordings: what a folder holds, in order, and who reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from serd.audio.recording import Recording
from serd.errors import UsageError
from serd.scoring.ffmpeg import Ffmpeg
from serd.scoring.recordings import ListedRecording, gather, source


def test_a_folder_is_searched_below_and_sorted(tmp_path: Path):
    for name in (
        "b.WAV",
        "a.flac",
        "x/2.m4a",
        "x/10.mp3",
        "x/y/z.amr",
        "notes.txt",
        ".hidden.wav",
        ".git/x.wav",
        "._b.wav",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    found = [one for one in gather([str(tmp_path)]) if isinstance(one, ListedRecording)]
    assert [str(one.within) for one in found] == ["a.flac", "b.WAV", "x/10.mp3", "x/2.m4a", "x/y/z.amr"]
    assert all(one.path == tmp_path / one.within for one in found)


def test_what_is_named_is_taken_whatever_it_is_called():
    assert list(gather(["x/notes.txt", "nosuch.wav"])) == [
        ListedRecording(Path("x/notes.txt"), Path("notes.txt")),
        ListedRecording(Path("nosuch.wav"), Path("nosuch.wav")),
    ]


def test_a_folder_without_sound_is_one_fault_in_its_place(tmp_path: Path):
    (tmp_path / "notes.txt").touch()
    first, fault, last = gather(["a.wav", str(tmp_path), "b.wav"])
    assert isinstance(fault, UsageError)
    assert f"{tmp_path}: a folder without sound" in str(fault)
    assert [first, last] == [
        ListedRecording(Path("a.wav"), Path("a.wav")),
        ListedRecording(Path("b.wav"), Path("b.wav")),
    ]


@pytest.mark.parametrize(
    ("head", "name", "reader"),
    [
        (b"RIFF\0\0\0\0WAVE", "x.wav", Recording),
        (b"fLaC", "x.m4a", Recording),
        (b"RIFF\0\0\0\0AVI ", "x.avi", Ffmpeg),
        (b"\0\0\0\x20ftypM4A ", "x.wav", Ffmpeg),
        (b"\x1aE\xdf\xa3", "x", Ffmpeg),
        (b"#!AMR\n", "x.amr", Ffmpeg),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "x.mov", Ffmpeg),
        (b"anything else", "x.txt", Recording),
        (b"", "x.m4a", Recording),
    ],
)
def test_who_reads_it_is_known_by_its_head(tmp_path: Path, head: bytes, name: str, reader: type):
    (tmp_path / name).write_bytes(head)
    assert type(source(tmp_path / name, 16000)) is reader


def test_what_is_not_there_is_told_when_it_is_opened(tmp_path: Path):
    for name in ("nosuch.m4a", "."):
        with pytest.raises(UsageError, match="input "):
            source(tmp_path / name, 16000).open()
