"""serd.audio.corpus: the labels in the names of RAVDESS and EMO-DB, and an order that mixes them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_build.corpora import emodb, ravdess
from serd.audio.corpus import Clip, clips, label, mixed
from serd.errors import UsageError


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("03-01-05-01-02-01-07.wav", "angry"),
        ("03-02-02-01-02-01-24.FLAC", "calm"),
        ("03-01-08-02-01-02-12.opus", "surprised"),
        ("03a01Wa.wav", "angry"),
        ("16b10Lb.flac", "bored"),
        ("13a02N.wav", "neutral"),
        ("01-01-05-01-02-01-07.mp4", None),  # the face speaks in this one
        ("03-01-09-01-02-01-07.wav", None),
        ("03a01Xa.wav", None),
        ("03a01Wa.txt", None),
        ("holiday.wav", None),
    ],
)
def test_a_name_tells_its_label(name: str, expected: str | None) -> None:
    assert label(Path(name)) == expected


def test_every_name_of_ravdess_has_the_label_that_training_gives_it(corpora: Path) -> None:
    for channel, folder in (("01", "ravdess-speech"), ("02", "ravdess-song")):
        told = {clip.path: clip.label for clip in clips(corpora / folder)}
        assert told == {one.path: one.emotion for one in ravdess.read(corpora / folder, channel)}
        assert len(told) > 1000


def test_every_name_of_emo_db_has_the_label_that_training_gives_it(corpora: Path) -> None:
    told = {clip.path: clip.label for clip in clips(corpora / "emo-db")}
    assert told == {one.path: one.emotion for one in emodb.read(corpora / "emo-db")}
    assert len(told) == 535


@pytest.mark.parametrize("what", ["nosuch", "file.wav", "empty"])
def test_a_folder_without_labelled_recordings_is_refused_in_one_line(tmp_path: Path, what: str) -> None:
    (tmp_path / "file.wav").write_bytes(b"RIFF")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "03a01Wa.wav").mkdir()
    with pytest.raises(UsageError, match=f"^--demo .*{what}: ") as refused:
        clips(tmp_path / what)
    assert "\n" not in str(refused.value)


CLIPS = st.lists(
    st.builds(Clip, st.builds(Path, st.text("abcdef", min_size=1)), st.sampled_from(["angry", "calm", "happy", "sad"])),
    unique_by=lambda clip: clip.path,
    max_size=40,
)


@given(CLIPS)
def test_the_order_loses_and_repeats_nothing_and_is_always_the_same(clips: list[Clip]) -> None:
    order = mixed(clips)
    assert sorted(order, key=lambda clip: clip.path) == sorted(clips, key=lambda clip: clip.path)
    assert order == mixed(clips)


@given(CLIPS)
def test_no_label_comes_twice_in_a_row_while_another_is_left(clips: list[Clip]) -> None:
    order = mixed(clips)
    for at, (one, after) in enumerate(pairwise(order)):
        assert one.label != after.label or {clip.label for clip in order[at + 1 :]} == {after.label}
