"""model_build.corpora.own: a table of one's own recordings, and a line for each row that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_build.corpora import own
from model_build.corpora.ravdess import LABELS
from serd.errors import UsageError
from tests.support.trees import tone

ROWS = ["a.wav,Anna,happy", "b.wav,Anna,sad", "c.wav,Bert,happy", "d.wav,Bert,sad"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four recordings, something that is none, and a folder."""
    folder = tmp_path_factory.mktemp("own")
    for k, name in enumerate("abcd"):
        tone(folder / f"{name}.wav", 200 + k)
    (folder / "notes.wav").write_text("no sound at all")
    (folder / "more").mkdir()
    return folder


def table(folder: Path, *rows: str, header: str = "path,speaker,emotion", encoding: str = "utf-8") -> Path:
    path = folder / "labels.csv"
    path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    return path


def test_a_table_is_read_row_by_row_and_names_nobody(folder: Path) -> None:
    read = own.read(table(folder, *ROWS))
    assert [(clip.path.name, clip.speaker, clip.emotion) for clip in read.clips] == [
        *(("a.wav", "1", "happy"), ("b.wav", "1", "sad"), ("c.wav", "2", "happy"), ("d.wav", "2", "sad")),
    ]
    assert read.faults == ()
    assert "Anna" not in repr(read)
    read.check()


def test_columns_stand_in_any_order_beside_others_as_a_spreadsheet_saves_them(folder: Path) -> None:
    rows = [f"x,{row.split(',')[2].upper()}, {row.split(',')[1]} ,{row.split(',')[0]}" for row in ROWS]
    saved = table(folder, *rows, ",,,", "", header="take,Emotion,Speaker,Path", encoding="utf-8-sig")
    assert own.read(saved).clips == own.read(table(folder, *ROWS)).clips


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a.wav,Anna,angyr", "did you mean angry?"),
        ("a.wav,Anna,joyous", "give one of neutral, calm, happy"),
        ("a.wav,Anna,bored", "is none that serd-base has"),
        ("a.wav,,happy", "no speaker; fill it in"),
        ("a.wav,Anna", "no emotion; fill it in"),
        (",,happy", "no path and no speaker"),
        ("e.wav,Anna,happy", "e.wav: no such file; give its path below the table's folder"),
        ("note.wav,Anna,happy", "notes.wav`?"),
        ("notes.wav,Anna,happy", "notes.wav: not a readable sound file (Format not recognised); convert it"),
        ("more,Anna,happy", "more: no sound file"),
        ("b.wav,Bert,happy", "b.wav is the recording of labels.csv, row 3: b.wav; leave one out"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_the_others_are_kept(folder: Path, row: str, told: str) -> None:
    read = own.read(table(folder, *ROWS, row))
    assert len(read.clips) == 4
    (fault,) = read.faults
    assert str(fault).startswith("labels.csv, row 6: ")
    assert told in str(fault)
    assert "\n" not in str(fault)


@pytest.mark.parametrize(
    ("rows", "header", "told"),
    [
        (ROWS, "path;speaker;emotion", "row 1: no column path, speaker, emotion; .* separate columns by commas"),
        (ROWS, "path,speaker,label", "row 1: no column emotion"),
        ([], "", "empty|row 1"),
        (['"a.wav,Anna,happy'], "path,speaker,emotion", "no CSV"),
    ],
)
def test_what_is_no_such_table_is_one_line(folder: Path, rows: list[str], header: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as raised:
        own.read(table(folder, *rows, header=header))
    assert "\n" not in str(raised.value)


def test_a_table_that_is_not_there_or_not_text(folder: Path) -> None:
    table(folder, *ROWS)
    with pytest.raises(UsageError, match=r"did you mean `.*labels\.csv`\?"):
        own.read(folder / "lables.csv")
    with pytest.raises(UsageError, match="not UTF-8"):
        own.read(table(folder, "ä.wav,Anna,happy", encoding="latin-1"))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "no recording that can be used; a model needs two emotions"),
        (["a.wav,Anna,happy", "b.wav,Bert,happy"], "only happy"),
        (["a.wav,Anna,happy", "b.wav,Bert,sad", "c.wav,Bert,happy"], "sad is of one speaker alone"),
        (["a.wav,Anna,happy", "b.wav,Anna,sad", "c.wav,Anna,happy"], "sad has one recording alone"),
    ],
)
def test_what_would_teach_no_emotion_is_refused(folder: Path, rows: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        own.read(table(folder, *rows)).check()


def test_recordings_without_speech_are_named_by_their_rows(folder: Path) -> None:
    read = own.read(table(folder, *ROWS))
    rest = read.without({read.clips[1].name})
    assert [clip.path.name for clip in rest.clips] == ["a.wav", "c.wav", "d.wav"]
    assert str(rest.faults[0]).startswith("labels.csv, row 3: b.wav: no speech is found in it")


@given(st.lists(st.text(max_size=40), max_size=6))
def test_whatever_the_table_it_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str]
) -> None:
    path = tmp_path_factory.mktemp("any") / "labels.csv"
    path.write_text("\n".join(["path,speaker,emotion", *rows]), encoding="utf-8", errors="replace")
    told: list[str] = []
    try:
        read = own.read(path)
        told = [str(fault) for fault in read.faults]
        assert all(clip.emotion in LABELS for clip in read.clips)
    except UsageError as error:
        told = [str(error)]
    assert all(len(line.splitlines()) == 1 for line in told)
